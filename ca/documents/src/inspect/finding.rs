//! What can speak against a paper, as a closed list of codes.

/// One thing that speaks against a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// Revision concerned.
    pub revision: Option<usize>,
    /// Object concerned.
    pub object: Option<u32>,
    /// For the log, in English.
    pub detail: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// Kinds of findings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FindingCode { $($(#[$doc])* $name),+ }

        impl FindingCode {
            /// All codes.
            pub const ALL: &'static [FindingCode] = &[$(FindingCode::$name),+];

            /// Key for texts.
            pub fn as_str(self) -> &'static str {
                match self { $(FindingCode::$name => $text),+ }
            }
        }
    };
}

codes! {
    /// An object is not well-formed.
    MalformedObject = "malformed_object",
    /// A revision lists an object whose bytes lie in another revision.
    ObjectOutsideRevision = "object_outside_revision",
    /// A revision lists an object twice, or two at one place.
    ObjectListedTwice = "object_listed_twice",
    /// A later revision holds bytes that belong to no listed object.
    BytesOutsideObjects = "bytes_outside_objects",
    /// The trailer names another root, document or encryption.
    TrailerChanged = "trailer_changed",
    /// An object was removed.
    ObjectRemoved = "object_removed",
    /// An object was replaced without a permitted reason.
    ObjectReplaced = "object_replaced",
    /// An object was added without a permitted reason.
    ObjectAdded = "object_added",
    /// The catalog changed in more than its form.
    CatalogChanged = "catalog_changed",
    /// The form changed in more than added signature fields.
    FormChanged = "form_changed",
    /// A field changed that may not change.
    FieldChanged = "field_changed",
    /// A field was added that is not a plain signature field.
    FieldAdded = "field_added",
    /// Number or date were changed after they had been filled.
    NumberChanged = "number_changed",
    /// A field changed that an earlier signature locks.
    LockedField = "locked_field",
    /// The paper changed although an earlier signature allows no change.
    LockedDocument = "locked_document",
    /// The content of a page changed.
    PageChanged = "page_changed",
    /// A note or other annotation was added, changed or removed.
    AnnotationChanged = "annotation_changed",
    /// A script, action or outside reference was added.
    ActiveContent = "active_content",
    /// A later signature's picture covers what was signed.
    Overlay = "overlay",
    /// A signature does not say what it covers, or has no content.
    ByteRangeMissing = "byte_range_missing",
    /// What a signature covers is out of form.
    ByteRangeMalformed = "byte_range_malformed",
    /// A signature leaves out more than its own content.
    ByteRangeGap = "byte_range_gap",
    /// A signature does not cover its revision.
    ByteRangeCoverage = "byte_range_coverage",
    /// The content of a signature is no CMS.
    ContentsMalformed = "contents_malformed",
    /// Bytes are hidden behind the content of a signature.
    ContentsPadding = "contents_padding",
    /// The format of a signature is not accepted.
    SubFilter = "sub_filter",
    /// Two fields share one signature.
    SignatureShared = "signature_shared",
}
