//! The four form fields of a paper: number, date, the person's signature, the seal.
//! Standard: ISO 32000-2 §12.7 (interactive forms): text fields and signature fields merged with their widgets.
//! Must never change a field that has a value.

use crate::compose::layout::{Area, HEIGHT, Places};
use crate::pdf::file::{File, Unreadable};
use crate::pdf::object::{Dictionary, Id, Object, Stream};
use crate::pdf::syntax::Malformed;
use crate::pdf::update::Update;

/// Field that the person signs.
pub const PERSON_FIELD: &str = "person_signature";
/// Field that the seal clerk signs.
pub const SEAL_FIELD: &str = "seal";
/// Text field with the paper's number.
pub const NUMBER_FIELD: &str = "number";
/// Text field with the paper's date.
pub const DATE_FIELD: &str = "date";

/// At most so many fields in a form.
const FIELD_LIMIT: usize = 2048;

/// A terminal field of the form.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) dictionary: Dictionary,
}

impl Field {
    pub(crate) fn is_signature(&self) -> bool {
        self.dictionary.is(b"FT", b"Sig")
    }

    pub(crate) fn is_text(&self) -> bool {
        self.dictionary.is(b"FT", b"Tx")
    }

    /// Lower left corner and size.
    pub(crate) fn rectangle(&self) -> Option<[f64; 4]> {
        let numbers: Vec<f64> = self
            .dictionary
            .get(b"Rect")?
            .array()?
            .iter()
            .filter_map(Object::number)
            .collect();
        match numbers.as_slice() {
            [a, b, c, d] => Some([a.min(*c), b.min(*d), (c - a).abs(), (d - b).abs()]),
            _ => None,
        }
    }
}

/// The form of a revision: where its dictionary stands and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// `None` when it stands directly in the catalog or is absent.
    pub(crate) id: Option<Id>,
    pub(crate) dictionary: Option<Dictionary>,
    pub(crate) fields: Vec<Field>,
}

/// Reads the form; kids of fields are followed, names joined with dots.
pub(crate) fn form(file: &File<'_>, as_of: usize) -> Result<Form, Malformed> {
    let (_, catalog) = file.catalog(as_of)?;
    let entry = catalog.get(b"AcroForm").cloned().unwrap_or(Object::Null);
    let dictionary = match file.resolve(&entry, as_of)? {
        Object::Dictionary(dictionary) => dictionary,
        Object::Null => {
            return Ok(Form {
                id: None,
                dictionary: None,
                fields: Vec::new(),
            });
        }
        _ => {
            return Err(Malformed {
                at: 0,
                what: "AcroForm is not a dictionary",
            });
        }
    };
    let mut fields = Vec::new();
    let roots = file.value(&dictionary, b"Fields", as_of)?;
    for root in roots.array().unwrap_or_default() {
        collect(
            file,
            as_of,
            root,
            "",
            &Dictionary::default(),
            0,
            &mut fields,
        )?;
    }
    Ok(Form {
        id: entry.reference(),
        dictionary: Some(dictionary),
        fields,
    })
}

fn collect(
    file: &File<'_>,
    as_of: usize,
    node: &Object,
    prefix: &str,
    inherited: &Dictionary,
    depth: usize,
    fields: &mut Vec<Field>,
) -> Result<(), Malformed> {
    let wrong = |what| Malformed { at: 0, what };
    if depth > 16 || fields.len() > FIELD_LIMIT {
        return Err(wrong("form too large"));
    }
    let id = node.reference().ok_or(wrong("field is not a reference"))?;
    let Object::Dictionary(mut dictionary) = file.object(id.number, as_of)? else {
        return Err(wrong("field is not a dictionary"));
    };
    let own = match file.value(&dictionary, b"T", as_of)? {
        Object::String(bytes) => crate::pdf::object::decode_text(&bytes),
        _ => String::new(),
    };
    let name = match (prefix, own.as_str()) {
        ("", own) => own.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, own) => format!("{prefix}.{own}"),
    };
    for key in [&b"FT"[..], b"V", b"Ff"] {
        if let (None, Some(value)) = (dictionary.get(key), inherited.get(key)) {
            dictionary.set(key, value.clone());
        }
    }
    let kids = file.value(&dictionary, b"Kids", as_of)?;
    match kids.array() {
        Some(kids) if !kids.is_empty() => {
            for kid in kids {
                collect(file, as_of, kid, &name, &dictionary, depth + 1, fields)?;
            }
        }
        _ => fields.push(Field {
            id,
            name,
            dictionary,
        }),
    }
    Ok(())
}

/// Ids and dictionaries of the pages, in order.
pub(crate) fn pages(file: &File<'_>, as_of: usize) -> Result<Vec<(Id, Dictionary)>, Malformed> {
    let wrong = |what| Malformed { at: 0, what };
    let (_, catalog) = file.catalog(as_of)?;
    let root = catalog
        .get(b"Pages")
        .and_then(Object::reference)
        .ok_or(wrong("catalog without pages"))?;
    let mut pages = Vec::new();
    let mut pending = vec![(root, 0usize)];
    let mut seen = 0usize;
    while let Some((id, depth)) = pending.pop() {
        seen += 1;
        if depth > 16 || seen > 10_000 {
            return Err(wrong("page tree too large"));
        }
        let Object::Dictionary(node) = file.object(id.number, as_of)? else {
            return Err(wrong("page is not a dictionary"));
        };
        match file.value(&node, b"Kids", as_of)?.array() {
            Some(kids) if !node.is(b"Type", b"Page") => {
                pending.extend(
                    kids.iter()
                        .rev()
                        .filter_map(Object::reference)
                        .map(|kid| (kid, depth + 1)),
                );
            }
            _ => pages.push((id, node)),
        }
    }
    if pages.is_empty() {
        Err(wrong("no page"))
    } else {
        Ok(pages)
    }
}

/// Adds the four fields of a composed paper to its only page.
pub(crate) fn lay(file: &File<'_>, places: &Places) -> Result<Vec<u8>, Malformed> {
    let all = [NUMBER_FIELD, DATE_FIELD, PERSON_FIELD, SEAL_FIELD];
    lay_some(file, places, &all)
}

/// Lays the number and date fields into a draft that was made elsewhere, where Decree 30/2020 puts them.
/// A draft that has both is given back unchanged; must be called before anybody signs.
pub fn lay_number_fields(draft: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let file = File::read(draft)?;
    let form = form(&file, file.newest())?;
    let known = |name: &&str| !form.fields.iter().any(|field| field.name == **name);
    let missing: Vec<&str> = [NUMBER_FIELD, DATE_FIELD]
        .into_iter()
        .filter(known)
        .collect();
    if missing.is_empty() {
        return Ok(draft.to_vec());
    }
    Ok(lay_some(&file, &Places::usual(), &missing)?)
}

fn lay_some(file: &File<'_>, places: &Places, names: &[&str]) -> Result<Vec<u8>, Malformed> {
    let newest = file.newest();
    let (catalog_id, catalog) = file.catalog(newest)?;
    let page = pages(file, newest)?.into_iter().next();
    let (page_id, page) = page.ok_or(Malformed {
        at: 0,
        what: "no page",
    })?;
    let font = first_font(file, &page, newest)?;
    let known = form(file, newest)?;
    let mut update = Update::new(file);
    let text = |area: &Area, name: &str| {
        widget(area, page_id, name, "Tx")
            .with(b"Ff", Object::Integer(1))
            .with(b"DA", Object::String(b"/F0 13 Tf 0 g".to_vec()))
    };
    let mut added = Vec::new();
    for name in names {
        added.push(Object::Reference(match *name {
            NUMBER_FIELD => add_with_appearance(
                &mut update,
                text(&places.number, NUMBER_FIELD),
                &places.number,
            ),
            DATE_FIELD => {
                add_with_appearance(&mut update, text(&places.date, DATE_FIELD), &places.date)
            }
            SEAL_FIELD => {
                let lock = Object::Dictionary(lock("SigFieldLock"));
                update.add(&Object::Dictionary(
                    widget(&places.seal, page_id, SEAL_FIELD, "Sig").with(b"Lock", lock),
                ))
            }
            other => update.add(&Object::Dictionary(widget(
                &places.signature,
                page_id,
                other,
                "Sig",
            ))),
        }));
    }
    let extended = |dictionary: &Dictionary, key: &[u8]| -> Result<Object, Malformed> {
        let mut items = file
            .value(dictionary, key, newest)?
            .array()
            .unwrap_or_default()
            .to_vec();
        items.extend(added.iter().cloned());
        Ok(Object::Array(items))
    };
    let mut dictionary = known.dictionary.unwrap_or_default();
    dictionary.set(b"Fields", extended(&dictionary, b"Fields")?);
    if dictionary.get(b"DR").is_none() {
        let fonts = font.map_or(Dictionary::default(), |font| {
            Dictionary::default().with(b"F0", font)
        });
        let resources = Dictionary::default().with(b"Font", Object::Dictionary(fonts));
        dictionary.set(b"DR", Object::Dictionary(resources));
    }
    let annotations = extended(&page, b"Annots")?;
    update.set(
        page_id,
        &Object::Dictionary(page.with(b"Annots", annotations)),
    );
    match known.id {
        Some(id) => update.set(id, &Object::Dictionary(dictionary)),
        None => {
            let id = update.add(&Object::Dictionary(dictionary));
            update.set(
                catalog_id,
                &Object::Dictionary(catalog.with(b"AcroForm", Object::Reference(id))),
            );
        }
    }
    Ok(update.finish().bytes)
}

fn add_with_appearance(update: &mut Update<'_>, field: Dictionary, area: &Area) -> Id {
    let area = [0.0, 0.0, area.width, area.height]
        .map(Object::real)
        .to_vec();
    let empty = Dictionary::default()
        .with(b"Type", Object::name("XObject"))
        .with(b"Subtype", Object::name("Form"))
        .with(b"BBox", Object::Array(area));
    let appearance = update.add(&Object::Stream(Stream {
        dictionary: empty,
        data: Vec::new(),
    }));
    let normal = Dictionary::default().with(b"N", Object::Reference(appearance));
    update.add(&Object::Dictionary(
        field.with(b"AP", Object::Dictionary(normal)),
    ))
}

/// A field merged with its widget; printed, never hidden.
fn widget(area: &Area, page: Id, name: &str, kind: &str) -> Dictionary {
    let bottom = HEIGHT - area.y - area.height;
    let rectangle = [area.x, bottom, area.x + area.width, bottom + area.height]
        .map(Object::real)
        .to_vec();
    Dictionary::default()
        .with(b"Type", Object::name("Annot"))
        .with(b"Subtype", Object::name("Widget"))
        .with(b"FT", Object::name(kind))
        .with(b"T", Object::text(name))
        .with(b"F", Object::Integer(if kind == "Sig" { 132 } else { 4 }))
        .with(b"P", Object::Reference(page))
        .with(b"Rect", Object::Array(rectangle))
}

/// Number and date are not to be filled after the signature that carries this.
pub(crate) fn lock(kind: &str) -> Dictionary {
    let names = [NUMBER_FIELD, DATE_FIELD].map(Object::text).to_vec();
    Dictionary::default()
        .with(b"Type", Object::name(kind))
        .with(b"Action", Object::name("Include"))
        .with(b"Fields", Object::Array(names))
}

/// A font of the page, so that the form names an embedded one.
fn first_font(
    file: &File<'_>,
    page: &Dictionary,
    as_of: usize,
) -> Result<Option<Object>, Malformed> {
    let resources = file.value(page, b"Resources", as_of)?;
    let fonts = match resources.dictionary() {
        Some(resources) => file.value(resources, b"Font", as_of)?,
        None => Object::Null,
    };
    Ok(fonts
        .dictionary()
        .and_then(|fonts| fonts.iter().next().map(|(_, font)| font.clone())))
}
