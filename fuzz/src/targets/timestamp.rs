//! RFC 3161 timestamp requests and responses.

use sealwright_crypto::TimestampRequest;
use sealwright_crypto::TimestampToken;

pub(super) fn response(data: &[u8]) {
    let Ok(token) = TimestampToken::from_response_der(data) else {
        return;
    };
    assert_eq!(token.response_der(), data);
    let _ = (token.gen_time(), token.serial(), token.nonce());
    // Nobody knows bytes whose digest is in there: this message has none that was asked for.
    let chain = token.certificates().to_vec();
    assert!(token.verify(b"never stamped", &chain).is_err());
    assert!(token.verify(b"never stamped", &[]).is_err());
}

pub(super) fn request(data: &[u8]) {
    let Ok(request) = TimestampRequest::from_der(data) else {
        return;
    };
    let again = TimestampRequest::from_der(&request.to_der()).expect("reads what it wrote");
    assert_eq!(again.imprint(), request.imprint());
    assert_eq!(again.nonce(), request.nonce());
    assert_eq!(again.certificates(), request.certificates());
}
