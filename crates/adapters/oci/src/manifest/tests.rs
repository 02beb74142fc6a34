use sealwright_core::Diagnostic as _;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::fixture;
use crate::fixture::INDEX;
use crate::fixture::MANIFEST;

fn image() -> Value {
    let config = fixture::describe(fixture::CONFIG, b"{}");
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []})
}

fn index() -> Value {
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
}

fn with(mut document: Value, name: &str, value: Value) -> Value {
    document[name] = value;
    document
}

fn without(mut document: Value, name: &str) -> Value {
    document.as_object_mut().unwrap().remove(name);
    document
}

fn read_text(announced: &str, text: &str) -> Result<Manifest, Error> {
    let place = Place::Repository("localhost/x".to_owned());
    let media_type = MediaType::new(announced);
    let descriptor = Descriptor::of(media_type, text.as_bytes());
    Manifest::read(&place, descriptor, Bytes::from(text.to_owned()))
}

fn check(announced: &str, document: &Value, wanted: Result<&str, &str>) {
    let read = read_text(announced, &document.to_string());
    let found = match &read {
        Ok(manifest) => Ok(manifest.descriptor.media_type.as_str()),
        Err(error) => Err(error.code().as_str()),
    };
    assert_eq!(found, wanted, "{announced} {document}");
}

#[test]
fn tells_images_from_indexes() {
    check(MANIFEST, &image(), Ok(MANIFEST));
    check(INDEX, &index(), Ok(INDEX));
    check("application/json", &image(), Ok(MANIFEST));
    check("", &index(), Ok(INDEX));
    // umoci names no type; one that announces nothing leaves the shape.
    check(MANIFEST, &without(image(), "mediaType"), Ok(MANIFEST));
    check("", &without(image(), "mediaType"), Ok(MANIFEST));
    check("text/plain", &without(index(), "mediaType"), Ok(INDEX));
    let docker = MediaType::DOCKER_MANIFEST;
    let old = with(image(), "mediaType", json!(docker));
    check(docker.as_str(), &old, Ok(docker.as_str()));
}

#[test]
fn refuses_documents_with_two_meanings() {
    let malformed = Err("registry.malformed-answer");
    check(INDEX, &image(), malformed);
    check(MANIFEST, &index(), malformed);
    check(INDEX, &without(image(), "mediaType"), malformed);
    check(MANIFEST, &without(index(), "mediaType"), malformed);
    check(MANIFEST, &with(image(), "manifests", json!([])), malformed);
    check(INDEX, &with(index(), "layers", json!([])), malformed);
    check(MANIFEST, &without(image(), "config"), malformed);
    check(MANIFEST, &without(image(), "layers"), malformed);
    let text = image().to_string();
    let twice = text.replacen('{', r#"{"layers":[],"#, 1);
    assert!(read_text(MANIFEST, &twice).is_err());
}

#[test]
fn refuses_what_it_does_not_know() {
    let old = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    check(old, &json!({"schemaVersion": 1}), Err("image.unsupported"));
    check("", &json!({}), Err("image.unsupported"));
    let other = with(image(), "mediaType", json!("text/html"));
    check("", &other, Err("image.unsupported"));
}

#[test]
fn refuses_every_truncation() {
    let text = image().to_string();
    for end in 0..text.len() {
        assert!(read_text(MANIFEST, &text[..end]).is_err(), "{end}");
    }
}
