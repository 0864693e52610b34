//! Scopes: what an application asks to know and to do.

/// Everything that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// An ID token.
    OpenId,
    /// Name and post.
    Profile,
    /// The official address.
    Email,
    /// The papers interface.
    Papers,
    /// The register's interface.
    Register,
    /// A refresh token.
    OfflineAccess,
}

impl Scope {
    /// All of them, in the order in which they are stated.
    pub const ALL: [Self; 6] = [
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::Papers,
        Self::Register,
        Self::OfflineAccess,
    ];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Papers => "papers",
            Self::Register => "register",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// Reads one name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

/// A set of scopes, sorted and without repetition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads a space-separated list; names nobody knows are left out (OpenID Connect Core §3.1.2.1 asks for that).
    pub fn parse(list: &str) -> Self {
        list.split(' ').filter_map(Scope::parse).collect()
    }

    /// Those of `self` that `limit` allows.
    pub fn within(&self, limit: &Self) -> Self {
        self.0.iter().copied().filter(|s| limit.holds(*s)).collect()
    }

    /// Whether this scope is in the set.
    pub fn holds(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether every scope of `other` is in the set.
    pub fn holds_all(&self, other: &Self) -> bool {
        other.0.iter().all(|s| self.holds(*s))
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(iter: I) -> Self {
        let mut all: Vec<Scope> = iter.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|s| s.as_str()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_never_grow_and_unknown_names_are_dropped() {
        let asked = Scopes::parse("papers openid admin openid  root");
        assert_eq!(asked.to_string(), "openid papers");
        let limit = Scopes::parse("openid profile");
        assert_eq!(asked.within(&limit).to_string(), "openid");
        assert!(!limit.holds_all(&asked));
        assert!(asked.holds_all(&Scopes::parse("papers")));
    }
}
