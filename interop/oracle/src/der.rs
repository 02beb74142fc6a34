//! DER as a tree that can be changed: certificates, timestamps, signatures.

use crate::random::Random;

/// One element. What an OCTET STRING or a BIT STRING holds is taken apart, too, where it is DER.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) tag: u8,
    /// Bytes before the children: the count of unused bits in a BIT STRING.
    pub(crate) prefix: Vec<u8>,
    pub(crate) content: Content,
    length: Length,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    Children(Vec<Node>),
}

#[derive(Clone, Copy, Debug)]
enum Length {
    Shortest,
    /// With a leading zero: BER, not DER.
    Padded,
    /// Until an end mark: BER, not DER.
    Indefinite,
}

impl Node {
    pub(crate) fn new(tag: u8, content: Content) -> Self {
        Self {
            tag,
            prefix: Vec::new(),
            content,
            length: Length::Shortest,
        }
    }

    /// Reads one element that fills all bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut nodes = parse_all(bytes, 0)?;
        if nodes.len() == 1 { nodes.pop() } else { None }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut inner = self.prefix.clone();
        match &self.content {
            Content::Bytes(bytes) => inner.extend(bytes),
            Content::Children(children) => inner.extend(children.iter().flat_map(Self::to_bytes)),
        }
        let mut out = vec![self.tag];
        let significant: Vec<u8> = inner
            .len()
            .to_be_bytes()
            .into_iter()
            .skip_while(|byte| *byte == 0)
            .collect();
        match self.length {
            Length::Indefinite => {
                out.push(0x80);
                out.extend(inner);
                out.extend([0, 0]);
                return out;
            }
            Length::Shortest if inner.len() < 0x80 => out.extend(inner.len().to_be_bytes().last()),
            Length::Shortest => {
                out.push(0x80 | u8::try_from(significant.len()).unwrap_or(0));
                out.extend(significant);
            }
            Length::Padded => {
                out.push(0x80 | u8::try_from(significant.len() + 1).unwrap_or(0));
                out.push(0);
                out.extend(significant);
            }
        }
        out.extend(inner);
        out
    }

    pub(crate) fn children(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.content {
            Content::Children(children) => Some(children),
            Content::Bytes(_) => None,
        }
    }

    fn count(&self) -> usize {
        1 + match &self.content {
            Content::Children(children) => children.iter().map(Self::count).sum(),
            Content::Bytes(_) => 0,
        }
    }

    /// The element of a number in the order of writing.
    fn at(&mut self, mut number: usize) -> &mut Self {
        if number == 0 {
            return self;
        }
        number -= 1;
        let Content::Children(children) = &mut self.content else {
            unreachable!("counted")
        };
        for child in children {
            let count = child.count();
            if number < count {
                return child.at(number);
            }
            number -= count;
        }
        unreachable!("counted")
    }
}

fn parse_all(bytes: &[u8], depth: usize) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut rest = bytes;
    while let [tag, length, after @ ..] = rest {
        if depth > 24 || tag & 0x1f == 0x1f {
            return None;
        }
        let (length, after) = match *length {
            short @ 0..=0x7f => (usize::from(short), after),
            long @ 0x81..=0x83 => {
                let (length, after) = after.split_at_checked(usize::from(long & 0x7f))?;
                let length = length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (length, after)
            }
            _ => return None,
        };
        let (content, after) = after.split_at_checked(length)?;
        let bytes_of = |content: &[u8]| Content::Bytes(content.to_vec());
        let nested = |content: &[u8]| match parse_all(content, depth + 1) {
            Some(children) if !children.is_empty() => Some(Content::Children(children)),
            _ => None,
        };
        let mut node = Node::new(*tag, bytes_of(content));
        match (*tag, content) {
            (tag, _) if tag & 0x20 != 0 => {
                node.content = Content::Children(parse_all(content, depth + 1)?);
            }
            (0x04, _) => node.content = nested(content).unwrap_or_else(|| bytes_of(content)),
            (0x03, [0, inner @ ..]) => {
                if let Some(content) = nested(inner) {
                    node.prefix = vec![0];
                    node.content = content;
                }
            }
            _ => {}
        }
        nodes.push(node);
        rest = after;
    }
    rest.is_empty().then_some(nodes)
}

/// What the one element at the front of `bytes` holds.
pub(crate) fn content(bytes: &[u8]) -> Option<&[u8]> {
    split(bytes).map(|(header, whole, _)| &whole[header..])
}

/// The elements that `bytes` are, whatever they hold.
pub(crate) fn elements(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (_, whole, rest) = split(bytes)?;
        all.push(whole);
        bytes = rest;
    }
    Some(all)
}

/// The length of the first element's header, all of it, and what follows.
fn split(bytes: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let (header, length) = match *bytes.get(1)? {
        short @ 0..=0x7f => (2, usize::from(short)),
        long @ 0x81..=0x83 => {
            let header = 2 + usize::from(long & 0x7f);
            let length = bytes.get(2..header)?;
            (
                header,
                length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
            )
        }
        _ => return None,
    };
    let (whole, rest) = bytes.split_at_checked(header + length)?;
    Some((header, whole, rest))
}

/// Changes one thing; `donor` is another piece of DER to take elements from.
pub(crate) fn edit(bytes: &[u8], donor: Option<&[u8]>, random: &mut Random) -> Vec<u8> {
    let Some(mut root) = Node::parse(bytes) else {
        return flip(bytes, random);
    };
    let number = random.below(root.count());
    let donor = donor.and_then(Node::parse).map(|mut donor| {
        let number = random.below(donor.count());
        donor.at(number).clone()
    });
    let node = root.at(number);
    match random.below(14) {
        0 => node.tag = random.byte(),
        1 => node.tag ^= 0x20,
        2 => node.length = Length::Padded,
        3 => node.length = Length::Indefinite,
        4 | 5 => match &mut node.content {
            Content::Children(children) => {
                let at = random.below(children.len());
                if !children.is_empty() {
                    children.remove(at);
                }
            }
            Content::Bytes(bytes) => *bytes = flip(bytes, random),
        },
        6 => {
            if let Content::Children(children) = &mut node.content {
                let at = random.below(children.len());
                if let Some(child) = children.get(at).cloned() {
                    children.insert(at, child);
                }
            }
        }
        7 => {
            if let Content::Children(children) = &mut node.content {
                let (a, b) = (random.below(children.len()), random.below(children.len()));
                if !children.is_empty() {
                    children.swap(a, b);
                }
            }
        }
        8 | 9 => {
            if let Some(donor) = donor {
                match node.children() {
                    Some(children) if random.once_in(2) => {
                        let at = random.below(children.len() + 1);
                        children.insert(at, donor);
                    }
                    _ => *node = donor,
                }
            }
        }
        10 => match &mut node.content {
            Content::Bytes(bytes) => match random.below(5) {
                0 => bytes.clear(),
                1 => bytes.insert(0, 0),
                2 => bytes.push(random.byte()),
                3 => _ = bytes.pop(),
                _ => bytes.iter_mut().for_each(|byte| *byte = 1),
            },
            Content::Children(children) => children.clear(),
        },
        11 => node.prefix = vec![random.byte() & 7],
        12 => {
            let mut out = root.to_bytes();
            out.extend([0x05, 0x00]);
            return out;
        }
        _ => {
            if let Content::Bytes(bytes) = &mut node.content {
                *bytes = flip(bytes, random);
            }
        }
    }
    root.to_bytes()
}

/// One bit.
pub(crate) fn flip(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = random.below(bytes.len());
    let bit = 1 << random.below(8);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= bit;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_read() {
        for der in [
            include_bytes!("../../../fuzz/seeds/certificate/leaf.der").as_slice(),
            include_bytes!("../../../fuzz/seeds/certificate/root.der"),
        ] {
            assert_eq!(Node::parse(der).unwrap().to_bytes(), der);
        }
    }

    #[test]
    fn edits_are_the_same_for_the_same_numbers() {
        let der = include_bytes!("../../../fuzz/seeds/certificate/leaf.der");
        for case in 0..500 {
            let once = edit(der, Some(der), &mut Random::of(1, case));
            assert_eq!(once, edit(der, Some(der), &mut Random::of(1, case)));
        }
    }
}
