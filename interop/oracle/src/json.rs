//! Changes of JSON documents: bundles, the bodies of log entries, statements.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::Map;
use serde_json::Value;

use crate::der;
use crate::note;
use crate::random::Random;

/// How deep encoded documents are followed.
const MAX_DEPTH: usize = 4;

/// Changes one thing; `donors` are other documents of the same kind to take parts from.
pub(crate) fn edit(document: &mut Value, donors: &[Value], random: &mut Random, depth: usize) {
    let pointers = pointers(document);
    let Some(at) = random.pick(&pointers).cloned() else {
        return;
    };
    let name = at.rsplit('/').next().unwrap_or_default().to_owned();
    let donor = random.pick(donors).cloned();
    let Some(value) = document.pointer(&at).cloned() else {
        return;
    };
    let replacement = match random.below(26) {
        0 | 1 => return remove(document, &at),
        2 => Value::Null,
        3 => Value::from(""),
        4 => random
            .pick(&[
                Value::Object(Map::new()),
                Value::Array(vec![]),
                true.into(),
                0.into(),
            ])
            .cloned()
            .unwrap_or_default(),
        // The same place in another document, any place there, any place here.
        5 | 6 => match donor.as_ref().and_then(|donor| donor.pointer(&at)) {
            Some(value) => value.clone(),
            None => return,
        },
        7 => {
            let Some(donor) = &donor else { return };
            let places: Vec<String> = self::pointers(donor)
                .into_iter()
                .filter(|it| it.ends_with(&format!("/{name}")))
                .collect();
            match random.pick(&places).and_then(|it| donor.pointer(it)) {
                Some(value) => value.clone(),
                None => return,
            }
        }
        8 => match random.pick(&pointers).and_then(|it| document.pointer(it)) {
            Some(value) => value.clone(),
            None => return,
        },
        9 => Value::Array(vec![value]),
        10 => match value {
            Value::Array(mut items) => {
                // Once more, the other's as well, or in another order.
                match random.below(3) {
                    0 => items.extend(items.first().cloned()),
                    1 => {
                        if let Some(Value::Array(other)) =
                            donor.as_ref().and_then(|it| it.pointer(&at))
                        {
                            items.extend(other.iter().cloned());
                        }
                    }
                    _ => items.reverse(),
                }
                Value::Array(items)
            }
            Value::Object(mut members) => {
                let names: Vec<String> = members.keys().cloned().collect();
                if let Some(name) = random.pick(&names).cloned() {
                    let value = members.get(&name).cloned().unwrap_or_default();
                    match random.below(4) {
                        0 => {
                            members.remove(&name);
                            members.insert(snake_case(&name), value);
                        }
                        1 => _ = members.insert(snake_case(&name), value),
                        2 => _ = members.insert("unknownField".to_owned(), value),
                        _ => {
                            members.remove(&name);
                            members.insert(name.to_uppercase(), value);
                        }
                    }
                }
                Value::Object(members)
            }
            other => respell(&other, random),
        },
        11 => match value {
            Value::Object(members) => {
                Value::Array(members.into_iter().map(|(_, value)| value).collect())
            }
            other => respell(&other, random),
        },
        12..=14 => respell(&value, random),
        _ => match value {
            Value::String(text) => {
                Value::String(inside(&name, &text, &at, donor.as_ref(), random, depth))
            }
            Value::Number(_) => respell(&value, random),
            _ => return,
        },
    };
    if let Some(value) = document.pointer_mut(&at) {
        *value = replacement;
    }
}

/// Another spelling of a value that is no list and no object.
fn respell(value: &Value, random: &mut Random) -> Value {
    match value {
        Value::Number(number) => match random.below(6) {
            0 => number.to_string().into(),
            1 => number.as_u64().map_or(Value::Null, |it| (it + 1).into()),
            2 => number.as_f64().unwrap_or_default().into(),
            3 => (-1).into(),
            4 => u64::MAX.into(),
            _ => note::number_spelled(&number.to_string(), random).into(),
        },
        Value::String(text) if text.bytes().all(|it| it.is_ascii_digit()) && !text.is_empty() => {
            match random.below(3) {
                0 => text.parse::<u64>().map_or(Value::Null, Into::into),
                1 => (text
                    .parse::<u64>()
                    .unwrap_or(0)
                    .wrapping_add([1, u64::MAX][random.below(2)]))
                .to_string()
                .into(),
                _ => note::number_spelled(text, random).into(),
            }
        }
        Value::String(text) => match random.below(6) {
            0 => format!("{text} ").into(),
            1 => text.to_uppercase().into(),
            2 => text.to_lowercase().into(),
            3 => format!("{text}\u{0}").into(),
            4 => text
                .chars()
                .take(text.chars().count() / 2)
                .collect::<String>()
                .into(),
            _ => media_type(random).into(),
        },
        Value::Bool(it) => (!it).into(),
        other => other.clone(),
    }
}

fn media_type(random: &mut Random) -> String {
    let of = [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle.v0.1+json",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle.v0.2+json",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dev.sigstore.bundle.v0.3.1+json",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.in-toto+json",
        "dsse",
        "intoto",
        "hashedrekord",
        "0.0.1",
        "0.0.2",
        "SHA2_256",
        "SHA2_384",
        "sha256",
        "sha512",
    ];
    of[random.below(of.len())].to_owned()
}

/// Something inside a text: another encoding of the same bytes, or a change of what is encoded.
fn inside(
    name: &str,
    text: &str,
    at: &str,
    donor: Option<&Value>,
    random: &mut Random,
    depth: usize,
) -> String {
    if name == "envelope" && text.contains('\n') {
        return note::edit(text, random);
    }
    let Ok(bytes) = STANDARD.decode(text) else {
        return String::from_utf8_lossy(&der::flip(text.as_bytes(), random)).into_owned();
    };
    if random.once_in(6) {
        return encoded(&bytes, text, random);
    }
    let theirs = donor
        .and_then(|it| it.pointer(at))
        .and_then(Value::as_str)
        .and_then(|it| STANDARD.decode(it).ok());
    STANDARD.encode(edit_bytes(&bytes, theirs.as_deref(), random, depth))
}

/// What bytes hold, changed: JSON, PEM, DER or whatever.
pub(crate) fn edit_bytes(
    bytes: &[u8],
    donor: Option<&[u8]>,
    random: &mut Random,
    depth: usize,
) -> Vec<u8> {
    if depth < MAX_DEPTH
        && bytes.starts_with(b"{")
        && let Ok(mut document) = serde_json::from_slice::<Value>(bytes)
    {
        let donors: Vec<Value> = donor
            .and_then(|it| serde_json::from_slice(it).ok())
            .into_iter()
            .collect();
        if random.once_in(8) {
            return written(&document, random);
        }
        edit(&mut document, &donors, random, depth + 1);
        return document.to_string().into_bytes();
    }
    if let Some((label, inner)) = from_pem(bytes) {
        return match random.below(6) {
            0 => String::from_utf8_lossy(bytes)
                .replace('\n', "\r\n")
                .into_bytes(),
            1 => String::from_utf8_lossy(bytes)
                .trim_end()
                .as_bytes()
                .to_vec(),
            2 => [bytes, bytes].concat(),
            3 => [b"text before\n", bytes].concat(),
            _ => to_pem(&label, &der::edit(&inner, None, random)),
        };
    }
    match random.below(8) {
        0 => bytes
            .get(..random.below(bytes.len()))
            .unwrap_or_default()
            .to_vec(),
        1 => [bytes, &[random.byte()]].concat(),
        2 => der::flip(bytes, random),
        3 => donor.unwrap_or(bytes).to_vec(),
        _ => der::edit(bytes, donor, random),
    }
}

/// The same bytes in a spelling of Base64 that not everybody takes.
fn encoded(bytes: &[u8], text: &str, random: &mut Random) -> String {
    const LOOSE: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    match random.below(9) {
        0 => URL_SAFE.encode(bytes),
        1 => STANDARD_NO_PAD.encode(bytes),
        2 => format!("{text}="),
        3 => format!("{text}\n"),
        4 => format!(" {text}"),
        5 => {
            let at = random.below(text.len());
            let mut text = text.to_owned();
            if text.is_char_boundary(at) {
                text.insert(at, ['\n', ' ', '\r', '\t'][random.below(4)]);
            }
            text
        }
        6 => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        7 => GeneralPurpose::new(&alphabet::IMAP_MUTF7, LOOSE).encode(bytes),
        // Bits that stand for nothing, set.
        _ => match text.trim_end_matches('=').char_indices().next_back() {
            Some((at, last)) if text.ends_with('=') => {
                let next = char::from_u32(u32::from(last) + 1).unwrap_or(last);
                format!("{}{next}{}", &text[..at], &text[at + 1..])
            }
            _ => text.to_owned(),
        },
    }
}

/// The same document in another spelling, or nearly the same.
pub(crate) fn written(document: &Value, random: &mut Random) -> Vec<u8> {
    let text = document.to_string();
    match random.below(8) {
        0 => serde_json::to_vec_pretty(document).unwrap_or_default(),
        1 => format!(" {text}\n").into_bytes(),
        2 => format!("\u{feff}{text}").into_bytes(),
        3 => format!("{text}{text}").into_bytes(),
        4 => format!("{text}\u{0}").into_bytes(),
        5 => format!("[{text}]").into_bytes(),
        // A letter of a name, escaped.
        6 => text
            .replacen("\"m", "\"\\u006d", 1 + random.below(3))
            .into_bytes(),
        _ => twice(document, random).into_bytes(),
    }
}

/// With one member of one object written twice.
fn twice(document: &Value, random: &mut Random) -> String {
    let pointers: Vec<String> = pointers(document)
        .into_iter()
        .filter(|it| {
            document
                .pointer(it)
                .is_some_and(|it| it.as_object().is_some_and(|it| !it.is_empty()))
        })
        .collect();
    let Some(chosen) = random.pick(&pointers).cloned() else {
        return document.to_string();
    };
    let names: Vec<String> = document
        .pointer(&chosen)
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|it| it.keys().cloned())
        .collect();
    let Some(name) = random.pick(&names).cloned() else {
        return document.to_string();
    };
    let same = random.once_in(2);
    write(document, "", &chosen, &name, same)
}

fn write(value: &Value, at: &str, chosen: &str, twice: &str, same: bool) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items
                .iter()
                .enumerate()
                .map(|(index, item)| write(item, &format!("{at}/{index}"), chosen, twice, same))
                .collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let mut out = Vec::new();
            for (name, member) in members {
                let spelled = Value::from(name.as_str());
                if at == chosen && name == twice {
                    out.push(format!(
                        "{spelled}:{}",
                        if same {
                            member.to_string()
                        } else {
                            "null".to_owned()
                        }
                    ));
                }
                let below = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                out.push(format!(
                    "{spelled}:{}",
                    write(member, &below, chosen, twice, same)
                ));
            }
            format!("{{{}}}", out.join(","))
        }
        other => other.to_string(),
    }
}

fn snake_case(name: &str) -> String {
    name.chars()
        .flat_map(|it| {
            it.is_ascii_uppercase()
                .then_some('_')
                .into_iter()
                .chain([it.to_ascii_lowercase()])
        })
        .collect()
}

/// All places in a document, the root first.
pub(crate) fn pointers(document: &Value) -> Vec<String> {
    fn walk(at: String, value: &Value, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(format!("{at}/{index}"), item, found);
                }
            }
            Value::Object(members) => {
                for (key, item) in members {
                    walk(
                        format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                        item,
                        found,
                    );
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(String::new(), document, &mut found);
    found
}

fn remove(document: &mut Value, at: &str) {
    let Some((parent, name)) = at.rsplit_once('/') else {
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>() {
                items.remove(index);
            }
        }
        Some(Value::Object(members)) => {
            _ = members.remove(&name.replace("~1", "/").replace("~0", "~"))
        }
        _ => {}
    }
}

fn from_pem(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let body: String = rest.split("-----END").next()?.split_whitespace().collect();
    Some((label.to_owned(), STANDARD.decode(body).ok()?))
}

fn to_pem(label: &str, der: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(der);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(64)
        .filter_map(|it| std::str::from_utf8(it).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
    .into_bytes()
}
