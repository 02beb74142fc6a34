//! Changes of checkpoints: signed notes and what they say.

use crate::random::Random;

/// Changes one thing of a whole note.
pub(crate) fn edit(note: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = note.split('\n').map(str::to_owned).collect();
    let at = random.below(lines.len());
    let other = random.below(lines.len());
    match random.below(14) {
        0 => _ = lines.remove(at),
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines.insert(at, String::new()),
        4 => lines[at].push(' '),
        5 => lines[at].push('\r'),
        6 => lines[at] = lines[at].replace('\u{2014}', ["-", "--", "\u{2013}"][random.below(3)]),
        7 => lines[at] = number_spelled(&lines[at], random),
        8 => return note.trim_end().to_owned(),
        9 => return format!("{note}\n"),
        10 => {
            // A cosignature of somebody, before or after.
            let line = "\u{2014} witness.invalid ".to_owned() + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
            lines.insert([4, lines.len() - 1][random.below(2)].min(lines.len()), line);
        }
        11 => lines[at] = lines[at].to_uppercase(),
        12 => lines.insert(3.min(lines.len()), "an extension line".to_owned()),
        _ => {
            let flipped = crate::der::flip(lines[at].as_bytes(), random);
            lines[at] = String::from_utf8_lossy(&flipped).into_owned();
        }
    }
    lines.join("\n")
}

/// The same number, or nearly, in another spelling.
pub(crate) fn number_spelled(text: &str, random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("0{text}"),
        1 => format!("+{text}"),
        2 => format!("{text}.0"),
        3 => format!("{text}e0"),
        4 => format!(" {text}"),
        5 => format!("-{text}"),
        6 => format!(
            "{}",
            u128::from(u64::MAX) + text.parse::<u128>().unwrap_or(0) + 1
        ),
        _ => text
            .parse::<u64>()
            .map_or_else(|_| text.to_owned(), |it| it.wrapping_add(1).to_string()),
    }
}
