//! The tracked text files of the repository, held in memory so that breaches can be planted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Path from the repository's top → content.
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    /// Reads the tree this test was built from.
    pub fn of_the_repository() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .to_owned();
        let mut files = BTreeMap::new();
        let mut folders: Vec<PathBuf> = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if path.is_dir() {
                    if name != "target"
                        && name != "data"
                        && name != ".git"
                        && name != "node_modules"
                    {
                        folders.push(path);
                    }
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    let key = path
                        .strip_prefix(&top)
                        .unwrap()
                        .to_string_lossy()
                        .into_owned();
                    files.insert(key, text);
                }
            }
        }
        Self(files)
    }

    /// Adds or replaces one file.
    pub fn plant(&mut self, path: &str, content: &str) {
        self.0.insert(path.to_owned(), content.to_owned());
    }

    /// Content of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All files whose path ends so.
    pub fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(p, _)| p.ends_with(end))
            .map(|(p, t)| (p.as_str(), t.as_str()))
    }

    /// All Rust files.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending(".rs")
    }

    /// Rust files of production code.
    pub fn production(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rust().filter(|(p, _)| {
            !p.starts_with("tests/")
                && !p.contains("/tests/")
                && !p.contains("/examples/")
                && !p.ends_with("/testing.rs")
                && !p.contains("/testing/")
                && !p.ends_with("tests.rs")
        })
    }
}

/// The part of a file before its first `#[cfg(test)]`.
pub fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}
