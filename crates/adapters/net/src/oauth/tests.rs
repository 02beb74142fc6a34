use std::collections::BTreeMap;

use sealwright_core::Diagnostic as _;
use serde_json::json;

use super::device::next_interval;
use super::*;
use crate::oidc::GOOD;
use crate::oidc::token_text;
use crate::stub::Reply;
use crate::stub::Stub;
use crate::stub::client;

fn now() -> Timestamp {
    Timestamp::from_seconds(1000)
}

/// Discovery that puts every endpoint on the server itself.
fn described() -> Reply {
    Reply::Made(Box::new(|seen| {
        let base = format!("http://{}", seen.header("host"));
        let description = json!({
            "issuer": format!("{base}/dex"),
            "authorization_endpoint": format!("{base}/auth"),
            "device_authorization_endpoint": format!("{base}/device"),
            "token_endpoint": format!("{base}/token"),
        });
        Reply::new(200, description.to_string())
    }))
}

fn id_token(claims: &str) -> Reply {
    let answer = json!({"id_token": token_text(claims), "token_type": "bearer"});
    Reply::new(200, answer.to_string())
}

fn error(name: &str) -> Reply {
    Reply::new(400, json!({ "error": name }).to_string())
}

fn device(interval: u32) -> Reply {
    let answer = json!({
        "device_code": "device", "user_code": "AB-CD", "interval": interval, "expires_in": 60,
        "verification_uri": "https://issuer.example/device",
    });
    Reply::new(200, answer.to_string())
}

async fn login(server: &Stub) -> Result<Login, Error> {
    Login::discover(client(), server.url("/dex"), DEFAULT_CLIENT_ID).await
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

fn code<T>(outcome: Result<T, Error>) -> &'static str {
    let error = outcome.err().unwrap();
    assert!(!error.to_string().contains("s3cret"));
    error.code().as_str()
}

#[tokio::test]
async fn logs_in_as_the_client_itself() {
    let server = Stub::start(vec![described(), id_token(GOOD)]);
    let login = login(&server).await.unwrap();
    let login = login.with_secret(Zeroizing::new("s3cret".to_owned()));
    let token = login.client_credentials(now()).await.unwrap();
    assert_eq!(token.secret(), token_text(GOOD));
    let seen = server.seen();
    assert_eq!(seen[0].line, "GET /dex/.well-known/openid-configuration");
    assert_eq!(seen[1].line, "POST /token");
    let sent = form(&seen[1].body);
    assert_eq!(sent["client_id"], "sigstore");
    assert_eq!(sent["client_secret"], "s3cret");
    assert_eq!(sent["grant_type"], "client_credentials");
    assert_eq!(sent["scope"], "openid email");
    assert!(!format!("{login:?}").contains("s3cret"));
}

#[tokio::test]
async fn says_why_a_login_gave_no_token() {
    for (reply, wanted) in [
        (error("invalid_client"), "token.login-failed"),
        (Reply::new(200, "garbage"), "token.login-failed"),
        (
            Reply::new(200, r#"{"access_token":"x"}"#),
            "token.login-failed",
        ),
        (Reply::new(200, r#"{"id_token":"x"}"#), "token.malformed"),
        (id_token(&GOOD.replace("2000", "1000")), "token.expired"),
        (Reply::new(200, vec![b' '; 300_000]), "net.answer-too-large"),
    ] {
        let server = Stub::start(vec![described(), reply]);
        let login = login(&server).await.unwrap();
        assert_eq!(code(login.client_credentials(now()).await), wanted);
    }
}

#[tokio::test]
async fn refuses_the_description_of_another_issuer() {
    let description = |issuer: &str, endpoint: &str| {
        Reply::new(
            200,
            json!({"issuer": issuer, "token_endpoint": endpoint}).to_string(),
        )
    };
    let elsewhere = description("https://other.example", "https://other.example/token");
    for reply in [elsewhere, Reply::new(404, ""), Reply::new(200, "<html>")] {
        let server = Stub::start(vec![reply]);
        assert_eq!(code(login(&server).await), "token.login-failed");
    }
    let led_astray = Reply::Made(Box::new(|seen| {
        let issuer = format!("http://{}/dex", seen.header("host"));
        let answer = json!({"issuer": issuer, "token_endpoint": "http://192.0.2.1/token"});
        Reply::new(200, answer.to_string())
    }));
    let server = Stub::start(vec![led_astray]);
    assert_eq!(code(login(&server).await), "net.redirect-refused");
}

#[tokio::test]
async fn logs_in_on_another_device() {
    let pending = || error("authorization_pending");
    let replies = vec![described(), device(0), pending(), pending(), id_token(GOOD)];
    let server = Stub::start(replies);
    let login = login(&server).await.unwrap();
    let device = login.device().await.unwrap();
    assert_eq!(device.page().as_str(), "https://issuer.example/device");
    assert_eq!(device.code(), "AB-CD");
    device.token(now()).await.unwrap();
    let seen = server.seen();
    let asked = form(&seen[1].body);
    let polled = form(&seen[4].body);
    assert_eq!(polled["device_code"], "device");
    assert_eq!(asked["code_challenge"], challenge(&polled["code_verifier"]));
}

#[tokio::test]
async fn a_device_login_ends_when_refused_or_over() {
    let server = Stub::start(vec![described(), device(0), error("access_denied")]);
    let refusing = login(&server).await.unwrap();
    let begun = refusing.device().await.unwrap();
    assert_eq!(code(begun.token(now()).await), "token.login-failed");
    // The next question would be asked after the code has expired.
    let server = Stub::start(vec![described(), device(60)]);
    let slow = login(&server).await.unwrap();
    let begun = slow.device().await.unwrap();
    assert_eq!(code(begun.token(now()).await), "token.login-failed");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn asks_less_often_when_told_to() {
    let next = |error: &str| next_interval(5, json!({ "error": error }).to_string().as_bytes());
    assert_eq!(next("authorization_pending"), Some(5));
    assert_eq!(next("slow_down"), Some(10));
    assert_eq!(next("expired_token"), None);
    assert_eq!(next_interval(5, b"<html>"), None);
}

/// Plays the browser: calls the redirect address with a query made of the page's.
async fn browse(page: &Url, query: impl Fn(&BTreeMap<String, String>) -> String) -> u16 {
    let asked = form(page.query().unwrap().as_bytes());
    let url = format!("{}?{}", asked["redirect_uri"], query(&asked));
    let request = Request::new(Method::GET, url.parse().unwrap());
    let answer = client().exchange(&request, 1000).await.unwrap();
    answer.status.as_u16()
}

const WAIT: std::time::Duration = std::time::Duration::from_secs(20);

/// A login in a browser that first brings what is not ours; the token has the nonce `nonce` makes.
async fn browser_login(nonce: impl Fn(&str) -> String) -> Result<Vec<crate::stub::Seen>, Error> {
    let (send, receive) = std::sync::mpsc::channel::<String>();
    let token = Reply::Made(Box::new(move |_| {
        let nonce = receive.recv().unwrap();
        let nonce = format!(r#""nonce":"{nonce}""#);
        id_token(&GOOD.replace(r#""iat":1"#, &nonce))
    }));
    let server = Stub::start(vec![described(), token]);
    let login = login(&server).await?;
    let begun = login.browser().await?;
    let page = begun.page().clone();
    send.send(nonce(&form(page.query().unwrap().as_bytes())["nonce"]))
        .unwrap();
    let person = async {
        let stranger = browse(&page, |_| "code=evil&state=guessed".to_owned()).await;
        let ours = browse(&page, |asked| format!("code=c0de&state={}", asked["state"])).await;
        assert_eq!((stranger, ours), (404, 200));
    };
    let (token, ()) = tokio::join!(begun.token(now(), WAIT), person);
    token?;
    let asked = form(page.query().unwrap().as_bytes());
    let seen = server.seen();
    let sent = form(&seen[1].body);
    assert_eq!(asked["code_challenge"], challenge(&sent["code_verifier"]));
    assert_eq!(
        (&*sent["code"], &sent["redirect_uri"]),
        ("c0de", &asked["redirect_uri"])
    );
    Ok(seen)
}

#[tokio::test]
async fn logs_in_with_a_browser() {
    let seen = browser_login(str::to_owned).await.unwrap();
    assert_eq!(seen[1].line, "POST /token");
}

#[tokio::test]
async fn refuses_the_token_of_another_login() {
    let outcome = browser_login(|_| "other".to_owned()).await;
    assert_eq!(code(outcome), "token.login-failed");
}

#[tokio::test]
async fn a_browser_login_ends_when_refused_or_over() {
    let server = Stub::start(vec![described()]);
    let login = login(&server).await.unwrap();
    let begun = login.browser().await.unwrap();
    let page = begun.page().clone();
    let person = browse(&page, |asked| {
        format!("error=access_denied&state={}", asked["state"])
    });
    let (outcome, status) = tokio::join!(begun.token(now(), WAIT), person);
    assert_eq!((code(outcome), status), ("token.login-failed", 403));
    let begun = login.browser().await.unwrap();
    let soon = std::time::Duration::ZERO;
    assert_eq!(code(begun.token(now(), soon).await), "token.login-failed");
}
