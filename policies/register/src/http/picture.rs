//! The organisation as a picture: boxes and wires of a server-side SVG, laid out here and drawn by the template.

const WIDTH: i64 = 1120;
const BOX: i64 = 200;
const TALL: i64 = 66;

/// One box.
pub(crate) struct Node {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) middle: i64,
    pub(crate) class: &'static str,
    pub(crate) title: String,
    pub(crate) below: String,
}

/// What a box says, before it has a place.
pub(crate) struct Label {
    pub(crate) class: &'static str,
    pub(crate) title: String,
    pub(crate) below: String,
}

/// The picture.
pub(crate) struct Picture {
    pub(crate) nodes: Vec<Node>,
    pub(crate) wires: String,
    pub(crate) height: i64,
}

/// One box on top, a row below it, and a row below the box `opened` of that row (or below the top, when there is none).
pub(crate) fn lay(top: Label, row: Vec<Label>, opened: usize, inside: Vec<Label>) -> Picture {
    let mut picture = Picture {
        nodes: Vec::new(),
        wires: String::new(),
        height: 72,
    };
    let mut from = WIDTH / 2;
    let mut bottom = 64;
    picture.nodes.push(Node {
        x: from - 150,
        y: 6,
        width: 300,
        height: 58,
        middle: from,
        class: top.class,
        title: top.title,
        below: top.below,
    });
    for (at, labels) in [(Some(opened), row), (None, inside)] {
        if labels.is_empty() {
            continue;
        }
        let middles = picture.row(labels, from, bottom);
        bottom += 46 + TALL;
        picture.height = bottom + 8;
        if let Some(middle) = at.and_then(|at| middles.get(at)) {
            from = *middle;
        }
    }
    picture
}

impl Picture {
    /// Lays a row of boxes under a point; gives their middles.
    fn row(&mut self, labels: Vec<Label>, from: i64, bottom: i64) -> Vec<i64> {
        let count = i64::try_from(labels.len()).unwrap_or(1).max(1);
        let pitch = WIDTH / count;
        let rail = bottom + 24;
        let mut middles = Vec::with_capacity(labels.len());
        for (label, index) in labels.into_iter().zip(0..) {
            let middle = pitch * index + pitch / 2;
            let width = BOX.min(pitch - 16);
            self.nodes.push(Node {
                x: middle - width / 2,
                y: bottom + 46,
                width,
                height: TALL,
                middle,
                class: label.class,
                title: label.title,
                below: label.below,
            });
            self.wires.push_str(&format!("M{middle} {rail}v22"));
            middles.push(middle);
        }
        let ends = middles.iter().copied().chain([from]);
        let (left, right) = ends.fold((from, from), |(left, right), at| {
            (left.min(at), right.max(at))
        });
        self.wires.push_str(&format!(
            "M{from} {bottom}v24M{left} {rail}h{}",
            right - left
        ));
        middles
    }
}
