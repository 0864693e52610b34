//! Vectors of others.
//! Tree: google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc, as carried on in transparency-dev/merkle, testonly/constants.go
//! and logverifier tests. Notes: the examples of C2SP signed-note and of golang.org/x/mod/sumdb/note.
use crate::log::note::{Error, SignedNote, VerifierKey};
use crate::log::tiles::parse_path;
use crate::log::tree::{
    Frontier, Hash, consistency_nodes, empty_root, inclusion_nodes, join, leaf_hash, node_hash,
    root_nodes, verify_consistency, verify_inclusion,
};

const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/// (index, size, path)
const INCLUSION: [(u64, u64, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        3,
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    ),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];
/// (old size, new size, path)
const CONSISTENCY: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn hash(text: &str) -> Hash {
    hex(text).try_into().unwrap()
}

fn leaves() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex(leaf))).collect()
}

/// The hash of a complete subtree, computed from the leaves.
fn node(leaves: &[Hash], node: crate::log::tree::Node) -> Hash {
    let (from, count) = ((node.number << node.height) as usize, 1 << node.height);
    let mut row = leaves[from..from + count].to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| node_hash(&pair[0], &pair[1]))
            .collect();
    }
    row[0]
}

fn path(leaves: &[Hash], nodes: Vec<Vec<crate::log::tree::Node>>) -> Vec<Hash> {
    nodes
        .into_iter()
        .map(|range| {
            join(
                &range
                    .into_iter()
                    .map(|n| node(leaves, n))
                    .collect::<Vec<_>>(),
            )
        })
        .collect()
}

fn root(leaves: &[Hash]) -> Hash {
    let nodes = root_nodes(leaves.len() as u64);
    join(
        &nodes
            .into_iter()
            .map(|n| node(leaves, n))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn roots_of_zero_to_eight_leaves_are_the_published_ones() {
    assert_eq!(empty_root(), hash(ROOTS[0]));
    let leaves = leaves();
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root(), hash(ROOTS[0]));
    for size in 1..=8 {
        frontier.push(leaves[size - 1]);
        assert_eq!(frontier.root(), hash(ROOTS[size]), "frontier of {size}");
        assert_eq!(root(&leaves[..size]), hash(ROOTS[size]), "nodes of {size}");
    }
}

#[test]
fn inclusion_paths_are_the_published_ones() {
    let leaves = leaves();
    for (index, size, expected) in INCLUSION {
        let expected: Vec<Hash> = expected.iter().map(|step| hash(step)).collect();
        let made = path(&leaves, inclusion_nodes(index, size).unwrap());
        assert_eq!(made, expected, "{index} of {size}");
        let (leaf, root) = (leaves[index as usize], hash(ROOTS[size as usize]));
        assert!(verify_inclusion(&leaf, index, size, &expected, &root));
    }
    assert_eq!(inclusion_nodes(3, 3), None);
}

#[test]
fn consistency_paths_are_the_published_ones() {
    let leaves = leaves();
    for (old, new, expected) in CONSISTENCY {
        let expected: Vec<Hash> = expected.iter().map(|step| hash(step)).collect();
        let made = path(&leaves, consistency_nodes(old, new).unwrap());
        assert_eq!(made, expected, "{old} to {new}");
        let (old_root, new_root) = (hash(ROOTS[old as usize]), hash(ROOTS[new as usize]));
        assert!(verify_consistency(
            old, new, &old_root, &new_root, &expected
        ));
    }
}

#[test]
fn every_proof_of_every_tree_up_to_seventy_leaves_verifies_and_every_change_to_it_does_not() {
    let leaves: Vec<Hash> = (0..70_u8).map(|number| leaf_hash(&[number])).collect();
    let roots: Vec<Hash> = (0..=70).map(|size| root(&leaves[..size])).collect();
    for size in 1..=70_u64 {
        let whole = roots[size as usize];
        for index in 0..size {
            let proof = path(&leaves, inclusion_nodes(index, size).unwrap());
            let leaf = leaves[index as usize];
            assert!(verify_inclusion(&leaf, index, size, &proof, &whole));
            assert!(
                !verify_inclusion(&leaf, (index + 1) % size, size, &proof, &whole) || size == 1
            );
            assert!(!verify_inclusion(
                &node_hash(&leaf, &leaf),
                index,
                size,
                &proof,
                &whole
            ));
            assert!(!verify_inclusion(
                &leaf,
                index,
                size,
                &[proof.as_slice(), &[leaf]].concat(),
                &whole
            ));
            if !proof.is_empty() {
                assert!(!verify_inclusion(&leaf, index, size, &proof[1..], &whole));
                assert!(!verify_inclusion(
                    &leaf,
                    index,
                    size,
                    &proof[..proof.len() - 1],
                    &whole
                ));
            }
            let old = index + 1;
            let proof = path(&leaves, consistency_nodes(old, size).unwrap());
            let before = roots[old as usize];
            assert!(
                verify_consistency(old, size, &before, &whole, &proof),
                "{old} to {size}"
            );
            assert!(!verify_consistency(
                old,
                size,
                &leaf_hash(b"x"),
                &whole,
                &proof
            ));
            assert!(!verify_consistency(
                old,
                size,
                &before,
                &leaf_hash(b"x"),
                &proof
            ));
            assert!(!verify_consistency(
                old,
                size,
                &before,
                &whole,
                &[proof.as_slice(), &[leaf]].concat()
            ));
        }
    }
}

const FOO_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const FOO_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const PETER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_published_notes_verify_under_the_published_keys_only() {
    let foo = VerifierKey::parse(FOO_KEY).unwrap();
    let peter = VerifierKey::parse(PETER_KEY).unwrap();
    assert_eq!(
        (foo.to_string(), peter.to_string()),
        (FOO_KEY.into(), PETER_KEY.into())
    );
    let (foo_note, peter_note) = (SignedNote(FOO_NOTE.into()), SignedNote(PETER_NOTE.into()));
    assert_eq!(foo_note.verify(std::slice::from_ref(&foo)), Ok(()));
    assert_eq!(peter_note.verify(&[foo.clone(), peter]), Ok(()));
    assert_eq!(
        peter_note.verify(std::slice::from_ref(&foo)),
        Err(Error::NoSignature)
    );
    let altered = SignedNote(FOO_NOTE.replace("example message", "Example message"));
    assert_eq!(
        altered.verify(&[foo]),
        Err(Error::Signature("example.com/foo".into()))
    );
    for cut in 1..FOO_KEY.len() {
        assert!(FOO_KEY.get(..cut).and_then(VerifierKey::parse).is_none());
        assert!(FOO_KEY.get(cut..).and_then(VerifierKey::parse).is_none());
    }
}

#[test]
fn tile_paths_are_those_of_the_standard() {
    // C2SP tlog-tiles: tile 1234067 is x001/x234/067.
    assert_eq!(parse_path("0/x001/x234/067"), Some((0, 1_234_067, 256)));
    assert_eq!(parse_path("1/000.p/7"), Some((1, 0, 7)));
    for wrong in [
        "",
        "0",
        "0/1",
        "0/x001",
        "0/001/002",
        "0/000.p/0",
        "0/000.p/256",
        "64/000",
        "-1/000",
        "0/x1/000",
    ] {
        assert_eq!(parse_path(wrong), None, "{wrong}");
    }
}
