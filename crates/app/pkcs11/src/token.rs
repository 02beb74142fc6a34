//! Tokens, their keys, and signing with them.

use cryptoki::context::CInitializeArgs;
use cryptoki::context::CInitializeFlags;
use cryptoki::context::Pkcs11;
use cryptoki::error::RvError;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::MechanismType;
use cryptoki::mechanism::eddsa::EddsaParams;
use cryptoki::mechanism::eddsa::EddsaSignatureScheme;
use cryptoki::mechanism::rsa::PkcsMgfType;
use cryptoki::mechanism::rsa::PkcsPssParams;
use cryptoki::object::Attribute;
use cryptoki::object::AttributeType;
use cryptoki::object::ObjectClass;
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki::session::UserType;
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use crate::protocol::Fault;
use crate::protocol::Open;
use crate::protocol::Public;
use crate::protocol::Refusal;
use crate::protocol::Sign;
use crate::protocol::SigningMechanism;

/// A key of a token we are logged in at.
pub(crate) struct OpenKey {
    session: Session,
    key: ObjectHandle,
    /// Its library stays loaded as long as it is used.
    _library: Pkcs11,
}

/// Finds a key and its public half.
pub(crate) fn open(request: &Open) -> Result<(OpenKey, Public), Refusal> {
    let library = Pkcs11::new(&request.module).map_err(|error| module(&error))?;
    let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    library
        .initialize(arguments)
        .map_err(|error| module(&error))?;
    let slot = slot(&library, request)?;
    let session = library
        .open_ro_session(slot)
        .map_err(|error| Refusal::new(Fault::Token, &error))?;
    if let Some(pin) = &request.pin {
        let pin = AuthPin::from(pin.clone());
        session
            .login(UserType::User, Some(&pin))
            .map_err(|error| login(&error))?;
    }
    let key = key(&session, request)?;
    let public = public(&session, key)?;
    let opened = OpenKey {
        session,
        key,
        _library: library,
    };
    Ok((opened, public))
}

impl OpenKey {
    pub(crate) fn sign(&self, request: &Sign) -> Result<String, Refusal> {
        let input = hex::decode(&request.input)
            .map_err(|_| Refusal::new(Fault::Request, "input is not hexadecimal"))?;
        let pss = |hash_alg, mgf, length: u64| {
            Mechanism::RsaPkcsPss(PkcsPssParams {
                hash_alg,
                mgf,
                s_len: length.into(),
            })
        };
        let mechanism = match request.mechanism {
            SigningMechanism::Ecdsa => Mechanism::Ecdsa,
            SigningMechanism::Eddsa => {
                Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure))
            }
            SigningMechanism::RsaPkcs1 => Mechanism::RsaPkcs,
            SigningMechanism::RsaPssSha256 => {
                pss(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32)
            }
            SigningMechanism::RsaPssSha384 => {
                pss(MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48)
            }
            SigningMechanism::RsaPssSha512 => {
                pss(MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64)
            }
        };
        let signature = self.session.sign(&mechanism, self.key, &input);
        signature
            .map(hex::encode)
            .map_err(|error| Refusal::new(Fault::Refused, &error))
    }
}

/// The one slot whose token is meant.
fn slot(library: &Pkcs11, request: &Open) -> Result<Slot, Refusal> {
    let slots = library
        .get_slots_with_token()
        .map_err(|error| Refusal::new(Fault::Token, &error))?;
    let mut fitting = slots.into_iter().filter(|slot| {
        let numbered = request.slot.is_none_or(|number| slot.id() == number);
        numbered
            && request.token.as_ref().is_none_or(|label| {
                let token = library.get_token_info(*slot);
                // Labels are filled up with blanks.
                token.is_ok_and(|token| token.label().trim_end() == label.trim_end())
            })
    });
    let found = fitting.next();
    let found = found.ok_or_else(|| Refusal::new(Fault::Token, "no such token is there"))?;
    match fitting.next() {
        None => Ok(found),
        Some(_) => Err(Refusal::new(
            Fault::Token,
            "more than one token fits: name it by token or slot-id",
        )),
    }
}

/// The one private key that is meant.
fn key(session: &Session, request: &Open) -> Result<ObjectHandle, Refusal> {
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
    template.extend(wanted(request)?);
    let found = session
        .find_objects(&template)
        .map_err(|error| Refusal::new(Fault::Key, &error))?;
    match found.as_slice() {
        [key] => Ok(*key),
        [] if request.pin.is_none() => Err(Refusal::new(
            Fault::Pin,
            "no such key is to be seen without the PIN",
        )),
        [] => Err(Refusal::new(
            Fault::Key,
            "the token has no such private key",
        )),
        _ => Err(Refusal::new(
            Fault::Key,
            "more than one private key fits: name it by object or id",
        )),
    }
}

fn wanted(request: &Open) -> Result<Vec<Attribute>, Refusal> {
    let mut wanted = Vec::new();
    if let Some(label) = &request.object {
        wanted.push(Attribute::Label(label.clone().into_bytes()));
    }
    if let Some(id) = &request.id {
        let id =
            hex::decode(id).map_err(|_| Refusal::new(Fault::Request, "id is not hexadecimal"))?;
        wanted.push(Attribute::Id(id));
    }
    Ok(wanted)
}

/// The public half: from the public key of the same id, the private key's own numbers, or a
/// certificate.
fn public(session: &Session, key: ObjectHandle) -> Result<Public, Refusal> {
    let mut same = Vec::new();
    for attribute in read(session, key, &[AttributeType::Id, AttributeType::Label]) {
        match attribute {
            Attribute::Id(id) if !id.is_empty() => same.push(Attribute::Id(id)),
            _ => {}
        }
    }
    let of_class = |class| {
        let template = [&[Attribute::Class(class)][..], &same].concat();
        match same.is_empty() {
            true => None,
            false => session.find_objects(&template).ok()?.first().copied(),
        }
    };
    let sources = [of_class(ObjectClass::PUBLIC_KEY), Some(key)];
    for source in sources.into_iter().flatten() {
        if let Some(public) = numbers(session, source) {
            return Ok(public);
        }
    }
    if let Some(certificate) = of_class(ObjectClass::CERTIFICATE) {
        for attribute in read(session, certificate, &[AttributeType::Value]) {
            if let Attribute::Value(der) = attribute {
                return Ok(Public::Certificate {
                    der: hex::encode(der),
                });
            }
        }
    }
    Err(Refusal::new(
        Fault::Key,
        "the token has the private key, but neither its public key nor a certificate",
    ))
}

fn numbers(session: &Session, object: ObjectHandle) -> Option<Public> {
    let wanted = [
        AttributeType::Modulus,
        AttributeType::PublicExponent,
        AttributeType::EcParams,
        AttributeType::EcPoint,
    ];
    let (mut modulus, mut exponent, mut parameters, mut point) = (None, None, None, None);
    for attribute in read(session, object, &wanted) {
        match attribute {
            Attribute::EcParams(bytes) => parameters = Some(hex::encode(bytes)),
            Attribute::EcPoint(bytes) => point = Some(hex::encode(bytes)),
            Attribute::Modulus(bytes) => modulus = Some(hex::encode(bytes)),
            Attribute::PublicExponent(bytes) => exponent = Some(hex::encode(bytes)),
            _ => {}
        }
    }
    let rsa = modulus
        .zip(exponent)
        .map(|(modulus, exponent)| Public::Rsa { modulus, exponent });
    let ec = parameters
        .zip(point)
        .map(|(parameters, point)| Public::Ec { parameters, point });
    rsa.or(ec)
}

/// The attributes that the object has, one by one: some libraries fail altogether for one that it lacks.
fn read(session: &Session, object: ObjectHandle, wanted: &[AttributeType]) -> Vec<Attribute> {
    let one = |kind: &AttributeType| session.get_attributes(object, &[*kind]).unwrap_or_default();
    wanted.iter().flat_map(one).collect()
}

fn module(error: &cryptoki::error::Error) -> Refusal {
    Refusal::new(Fault::Module, error)
}

fn login(error: &cryptoki::error::Error) -> Refusal {
    match error {
        cryptoki::error::Error::Pkcs11(
            RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::PinLocked,
            _,
        ) => Refusal::new(Fault::Pin, error),
        _ => Refusal::new(Fault::Token, error),
    }
}
