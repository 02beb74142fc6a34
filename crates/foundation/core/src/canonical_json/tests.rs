use serde::de::IgnoredAny;

use super::*;

#[test]
fn refuses_duplicate_keys_at_any_depth() {
    for text in [r#"{"a":1,"a":1}"#, r#"[{"x":{"b":1,"c":2,"b":3}}]"#] {
        let error = from_slice::<serde_json::Value>(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("duplicate key"), "{error}");
    }
}

#[test]
fn refuses_duplicate_keys_however_many_there_are_and_however_they_are_written() {
    let object = |keys: &[String]| {
        let members: Vec<String> = keys
            .iter()
            .map(|key| format!(r#""{key}":{{"k0":0}}"#))
            .collect();
        format!("{{{}}}", members.join(","))
    };
    for count in [1, 2, 15, 16, 17, 18, 40] {
        let mut keys: Vec<String> = (0..count).map(|key| format!("k{key}")).collect();
        assert_eq!(
            read::<IgnoredAny>(&object(&keys)),
            Ok(IgnoredAny),
            "{count}"
        );
        for twice in [0, count / 2, count - 1] {
            keys.push(keys[twice].replace('k', "\\u006b"));
            let error = read::<IgnoredAny>(&object(&keys)).unwrap_err();
            assert!(
                error.contains("duplicate key"),
                "{twice} of {count}: {error}"
            );
            keys.pop();
        }
    }
}

#[test]
fn refuses_deep_nesting_and_trailing_text() {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert!(from_slice::<serde_json::Value>(deep.as_bytes()).is_err());
    let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert!(from_slice::<serde_json::Value>(fits.as_bytes()).is_ok());
    assert!(from_slice::<serde_json::Value>(b"{} {}").is_err());
}

#[test]
fn writes_sorted_keys_without_spaces() {
    let value: serde_json::Value = from_slice(br#"{ "b": 1, "a": [true, "x"] }"#).unwrap();
    assert_eq!(to_vec(&value).unwrap(), br#"{"a":[true,"x"],"b":1}"#);
}

#[derive(Debug, Deserialize, PartialEq)]
struct Point {
    x: u8,
    #[serde(default)]
    y: Option<u8>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Wrapped(Point);

#[derive(Debug, Deserialize, PartialEq)]
#[serde(transparent)]
struct Transparent(Point);

#[derive(Debug, Deserialize, PartialEq)]
struct Pair(u8, Point);

#[derive(Debug, Deserialize, PartialEq)]
enum Shape {
    Empty,
    Dot(Point),
    Line { from: u8, to: u8 },
    Corner(u8, Point),
}

fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, String> {
    from_slice(text.as_bytes()).map_err(|error| error.to_string())
}

/// The first text is of a `T`, and with the first object rewritten as an array it is not any more.
#[track_caller]
fn takes_objects_alone<T: for<'a> Deserialize<'a>>(object: &str, array: &str) {
    assert_eq!(read::<T>(object).map(|_| ()), Ok(()));
    let Err(error) = read::<T>(array) else {
        panic!("{array} was taken for {object}");
    };
    assert!(error.contains("invalid type: sequence"), "{error}");
}

#[test]
fn takes_no_array_for_an_object_wherever_it_stands() {
    takes_objects_alone::<Point>(r#"{"x":1}"#, "[1,2]");
    takes_objects_alone::<Option<Point>>(r#"{"x":1}"#, "[1,2]");
    takes_objects_alone::<Box<Point>>(r#"{"x":1}"#, "[1,2]");
    takes_objects_alone::<Wrapped>(r#"{"x":1}"#, "[1,2]");
    takes_objects_alone::<Transparent>(r#"{"x":1}"#, "[1,2]");
    takes_objects_alone::<Vec<Point>>(r#"[{"x":1}]"#, "[[1,2]]");
    takes_objects_alone::<Pair>(r#"[1,{"x":1}]"#, "[1,[1,2]]");
    takes_objects_alone::<(u8, Point)>(r#"[1,{"x":1}]"#, "[1,[1,2]]");
    takes_objects_alone::<std::collections::BTreeMap<String, Option<Vec<Point>>>>(
        r#"{"a":[{"x":1}]}"#,
        r#"{"a":[[1,2]]}"#,
    );
    takes_objects_alone::<Shape>(r#"{"Dot":{"x":1}}"#, r#"{"Dot":[1,2]}"#);
    takes_objects_alone::<Shape>(r#"{"Line":{"from":1,"to":2}}"#, r#"{"Line":[1,2]}"#);
    takes_objects_alone::<Shape>(r#"{"Corner":[1,{"x":1}]}"#, r#"{"Corner":[1,[1,2]]}"#);
}

#[test]
fn takes_no_array_for_an_object_in_a_part() {
    let part = |text: &str| from_slice::<Box<RawValue>>(text.as_bytes()).unwrap();
    assert_eq!(
        from_part::<Point>(&part(r#" {"x":1} "#)).unwrap(),
        Point { x: 1, y: None }
    );
    assert!(from_part::<Point>(&part("[1,2]")).is_err());
    assert!(from_part::<Vec<Point>>(&part("[[1,2]]")).is_err());
}

#[test]
fn reads_what_holds_no_object_as_before() {
    assert_eq!(read::<Shape>(r#""Empty""#), Ok(Shape::Empty));
    assert_eq!(read::<(u8, i64, f64)>("[1,-2,0.5]"), Ok((1, -2, 0.5)));
    assert_eq!(read::<Option<bool>>("null"), Ok(None));
    assert_eq!(
        read::<(String, char)>(r#"["\u0061","b"]"#),
        Ok(("a".to_owned(), 'b'))
    );
    let text = br#"{"kept": [ 1, {"as": "it is"} ]}"#;
    let kept: std::collections::BTreeMap<&str, &RawValue> = from_slice(text).unwrap();
    assert_eq!(kept["kept"].get(), r#"[ 1, {"as": "it is"} ]"#);
}

#[test]
fn refuses_numbers_that_json_does_not_have() {
    for text in [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
    ] {
        assert!(read::<f64>(text).is_err(), "{text}");
        assert!(read::<serde_json::Value>(text).is_err(), "{text}");
    }
}
