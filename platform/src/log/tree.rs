//! The Merkle tree: hashes, roots, inclusion and consistency proofs, and which stored nodes they are made of.
//! Standard: RFC 6962 §2.1, §2.1.1, §2.1.2; RFC 9162 §2.1.3.2, §2.1.4.2 (verification).
//! It must never accept a proof that is longer or shorter than the sizes call for.
use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Hash = [u8; 32];

/// MTH of the empty list: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest(b"").into()
}

/// SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0_u8]);
    hash.update(entry);
    hash.finalize().into()
}

/// SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1_u8]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// A complete subtree: `number` counts subtrees of 2^`height` leaves from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// 0 for leaves.
    pub height: u32,
    /// From the left.
    pub number: u64,
}

/// The complete subtrees, left to right, that make up the leaves `[from, to)` where `from` is a multiple of the largest.
fn complete(mut from: u64, to: u64) -> Vec<Node> {
    let mut out = Vec::new();
    while from < to {
        let height = (to - from).ilog2();
        out.push(Node {
            height,
            number: from >> height,
        });
        from += 1 << height;
    }
    out
}

/// Joins complete subtrees (given left to right) into the hash of their range: from the right.
pub fn join(hashes: &[Hash]) -> Hash {
    let mut rest = hashes.iter().rev();
    let Some(last) = rest.next() else {
        return empty_root();
    };
    rest.fold(*last, |right, left| node_hash(left, &right))
}

/// What the root of a tree of `size` leaves is joined from.
pub fn root_nodes(size: u64) -> Vec<Node> {
    complete(0, size)
}

/// The largest power of two below `n` (n ≥ 2).
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// PATH(index, size): each element is the list of nodes it is joined from; from the leaf upwards.
pub fn inclusion_nodes(index: u64, size: u64) -> Option<Vec<Vec<Node>>> {
    if index >= size {
        return None;
    }
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(complete(middle, to));
            to = middle;
        } else {
            path.push(complete(from, middle));
            from = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// PROOF(old, new): nodes of the consistency proof. Empty when `old` is 0 or equal to `new`.
pub fn consistency_nodes(old: u64, new: u64) -> Option<Vec<Vec<Node>>> {
    if old > new {
        return None;
    }
    if old == 0 || old == new {
        return Some(Vec::new());
    }
    let (mut from, mut to) = (0, new);
    let (mut path, mut whole) = (Vec::new(), true);
    loop {
        if old - from == to - from {
            if !whole {
                path.push(complete(from, to));
            }
            break;
        }
        let middle = from + split(to - from);
        if old <= middle {
            path.push(complete(middle, to));
            to = middle;
        } else {
            path.push(complete(from, middle));
            from = middle;
            whole = false;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether `leaf` is entry `index` of the tree of `size` leaves with this root.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut position, mut last, mut hash) = (index, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(step, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, step);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the tree of `new` leaves begins with the tree of `old` leaves.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    path: &[Hash],
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty() && *old_root == empty_root();
    }
    let mut path = path.iter();
    let (mut position, mut last) = (old - 1, new - 1);
    while position & 1 == 1 {
        position >>= 1;
        last >>= 1;
    }
    let start = if position == 0 {
        *old_root
    } else {
        match path.next() {
            Some(first) => *first,
            None => return false,
        }
    };
    let (mut of_old, mut of_new) = (start, start);
    for step in path {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            of_old = node_hash(step, &of_old);
            of_new = node_hash(step, &of_new);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            of_new = node_hash(&of_new, step);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == *old_root && of_new == *new_root
}

/// A root grown leaf by leaf, holding one hash per height.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut carry = self.size;
        while carry & 1 == 1 {
            if let Some(left) = self.hashes.pop() {
                hash = node_hash(&left, &hash);
            }
            carry >>= 1;
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of all so far.
    pub fn root(&self) -> Hash {
        join(&self.hashes)
    }
}
