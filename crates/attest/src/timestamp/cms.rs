//! The signed envelope around a time stamp: as much of CMS (RFC 5652) as RFC 3161 lets a token have.

use der::{
    Decode, Encode as _, Reader as _, Sequence, SliceReader, Tag, TagNumber,
    asn1::{AnyRef, ContextSpecific, ObjectIdentifier, OctetStringRef},
};
use x509_cert::{
    ext::pkix::name::{GeneralName, GeneralNames},
    name::Name,
    serial_number::SerialNumber,
    spki::AlgorithmIdentifierOwned,
};

use super::{
    MAX_CERTIFICATES, TimestampFault,
    certificate::Certificate,
    signature::{Hash, sha1, verify},
};

// RFC 5652, sections 5.1 and 11; RFC 3161, section 2.4.2; RFC 2634, section 5.4; RFC 5035, section 5.4.
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// The most signed attributes of a signer. RFC 3161 asks for three; authorities add a time and a protection or two.
const MAX_ATTRIBUTES: usize = 32;

/// A token whose form was read and of which nothing is verified.
pub(super) struct SignedToken<'a> {
    /// The DER of the `TSTInfo`.
    pub(super) content: &'a [u8],
    /// The certificates that came with it, at most 16.
    pub(super) certificates: Vec<Certificate<'a>>,
    signer: SignerInfo<'a>,
}

/// `SignerInfo` of RFC 5652, section 5.3, with the attributes taken apart.
struct SignerInfo<'a> {
    id: SignerId<'a>,
    hash: ObjectIdentifier,
    attributes: Vec<Attribute<'a>>,
    /// The DER of the SET OF attributes, which is what the signature is over.
    signed: Vec<u8>,
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
}

enum SignerId<'a> {
    IssuerAndSerial(IssuerAndSerial),
    SubjectKey(&'a OctetStringRef),
}

#[derive(Sequence)]
struct IssuerAndSerial {
    issuer: Name,
    serial: SerialNumber,
}

#[derive(Sequence)]
struct Attribute<'a> {
    kind: ObjectIdentifier,
    values: AnyRef<'a>,
}

/// `ESSCertID` (RFC 2634, section 5.4.1).
#[derive(Sequence)]
struct EssCertId<'a> {
    hash: &'a OctetStringRef,
    #[asn1(optional = "true")]
    issuer_serial: Option<IssuerSerial>,
}

/// `ESSCertIDv2` (RFC 5035, section 4); without an algorithm it is SHA-256.
#[derive(Sequence)]
struct EssCertIdV2<'a> {
    #[asn1(optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: &'a OctetStringRef,
    #[asn1(optional = "true")]
    issuer_serial: Option<IssuerSerial>,
}

#[derive(Sequence)]
struct IssuerSerial {
    issuer: GeneralNames,
    serial: SerialNumber,
}

impl<'a> SignedToken<'a> {
    /// Reads a token. DER is asked for but where authorities are known to fall short of it: the order of
    /// certificates.
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, TimestampFault> {
        let (kind, data) = content_info(der)?;
        if kind != SIGNED_DATA {
            return Err(TimestampFault::malformed(format!("its content type is {kind} and not signed data")));
        }
        let parts = data.sequence(|reader| {
            u8::decode(reader)?;
            AnyRef::decode(reader)?;
            let content = reader.sequence(|reader| {
                Ok::<_, der::Error>((
                    ObjectIdentifier::decode(reader)?,
                    explicit::<&OctetStringRef>(reader, 0)?,
                ))
            })?;
            let certificates = implicit(reader, 0)?;
            implicit(reader, 1)?;
            Ok::<_, der::Error>((content, certificates, AnyRef::decode(reader)?))
        })?;
        let ((kind, content), certificates, signers) = parts;
        if kind != TST_INFO {
            return Err(TimestampFault::malformed(format!("it signs {kind} and not a time stamp")));
        }
        let content = content.ok_or_else(|| TimestampFault::malformed("it holds no time stamp"))?;
        let certificates = elements(certificates.unwrap_or_default(), MAX_CERTIFICATES, "certificates")?;
        let signers = match signers.header().tag() {
            Tag::Set => elements(signers.value(), MAX_CERTIFICATES, "signers")?,
            _ => return Err(TimestampFault::malformed("its signers are no set")),
        };
        let [signer] = signers.as_slice() else {
            return Err(TimestampFault::Signers { count: signers.len() });
        };
        // A choice of RFC 5652, section 10.2.2, other than a certificate has a tag of its own.
        let certificates =
            certificates.into_iter().filter(|der| der.first() == Some(&0x30)).map(Certificate::parse);
        Ok(Self {
            content: content.as_bytes(),
            certificates: certificates.collect::<Result<_, _>>()?,
            signer: SignerInfo::parse(signer)?,
        })
    }

    /// The certificate that signed: it came with the token or is one of `known`, an attribute under the signature
    /// names it by its hash, and its key verifies the signature.
    pub(super) fn signer<'c>(
        &'c self,
        known: impl Iterator<Item = &'c Certificate<'a>>,
    ) -> Result<&'c Certificate<'a>, TimestampFault> {
        let signer = &self.signer;
        if signer.only(CONTENT_TYPE, "contentType")?.decode_as::<ObjectIdentifier>()? != TST_INFO {
            return Err(TimestampFault::OtherContent);
        }
        let hash = Hash::of(signer.hash)?;
        let digest = signer.only(MESSAGE_DIGEST, "messageDigest")?.decode_as::<&OctetStringRef>()?;
        if digest.as_bytes() != hash.digest(self.content).as_ref() {
            return Err(TimestampFault::OtherContent);
        }
        let mut named = None;
        for certificate in self.certificates.iter().chain(known) {
            if signer.names(certificate)? {
                named = Some(certificate);
                break;
            }
        }
        let certificate = named.filter(|certificate| signer.id.is(certificate));
        let certificate = certificate.ok_or(TimestampFault::OtherCertificate)?;
        verify(certificate.key(), signer.algorithm, Some(hash), &signer.signed, signer.signature)?;
        Ok(certificate)
    }
}

impl<'a> SignerInfo<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, TimestampFault> {
        let mut reader = SliceReader::new(der)?;
        let parts = reader.sequence(|reader| {
            u8::decode(reader)?;
            let id = match implicit_string(reader)? {
                Some(id) => SignerId::SubjectKey(id),
                None => SignerId::IssuerAndSerial(IssuerAndSerial::decode(reader)?),
            };
            let hash = AlgorithmIdentifierOwned::decode(reader)?.oid;
            let attributes = implicit(reader, 0)?;
            let algorithm = AlgorithmIdentifierOwned::decode(reader)?.oid;
            let signature = <&OctetStringRef>::decode(reader)?.as_bytes();
            // What is not signed says nothing.
            implicit(reader, 1)?;
            Ok::<_, der::Error>((id, hash, attributes, algorithm, signature))
        })?;
        let (id, hash, attributes, algorithm, signature) = parts;
        let attributes = attributes.ok_or(TimestampFault::MissingAttribute { name: "signedAttrs" })?;
        let mut elements = elements(attributes, MAX_ATTRIBUTES, "signed attributes")?;
        // The signature is over the DER, whatever the order in the message (RFC 5652, section 5.4).
        elements.sort_unstable();
        let signed = AnyRef::new(Tag::Set, &elements.concat())?.to_der()?;
        let attributes = elements.into_iter().map(Attribute::from_der).collect::<Result<_, _>>()?;
        Ok(Self { id, hash, attributes, signed, algorithm, signature })
    }

    /// The one value of the attribute.
    fn only(&self, kind: ObjectIdentifier, name: &'static str) -> Result<AnyRef<'a>, TimestampFault> {
        self.optional(kind, name)?.ok_or(TimestampFault::MissingAttribute { name })
    }

    fn optional(
        &self,
        kind: ObjectIdentifier,
        name: &'static str,
    ) -> Result<Option<AnyRef<'a>>, TimestampFault> {
        let mut values = Vec::new();
        for attribute in self.attributes.iter().filter(|attribute| attribute.kind == kind) {
            values.extend(elements(attribute.values.value(), MAX_ATTRIBUTES, "values of an attribute")?);
        }
        match values.as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(AnyRef::from_der(value)?)),
            _ => Err(TimestampFault::malformed(format!("its attribute {name} has several values"))),
        }
    }

    /// Whether the attributes name this certificate first, by its hash and, where they say more, by its issuer and
    /// number. Where both attributes are there, both have to.
    fn names(&self, certificate: &Certificate<'_>) -> Result<bool, TimestampFault> {
        let old = self.optional(SIGNING_CERTIFICATE, "signingCertificate")?;
        let new = self.optional(SIGNING_CERTIFICATE_V2, "signingCertificateV2")?;
        if old.is_none() && new.is_none() {
            return Err(TimestampFault::MissingAttribute { name: "signingCertificate" });
        }
        if let Some(old) = old {
            let id = EssCertId::from_der(first_of(old)?)?;
            let hash = id.hash.as_bytes() == sha1(certificate.der()).as_ref();
            if !hash || !id.issuer_serial.is_none_or(|one| one.is(certificate)) {
                return Ok(false);
            }
        }
        if let Some(new) = new {
            let id = EssCertIdV2::from_der(first_of(new)?)?;
            let hash = id.algorithm.map_or(Ok(Hash::Sha256), |algorithm| Hash::of(algorithm.oid))?;
            let hash = id.hash.as_bytes() == hash.digest(certificate.der()).as_ref();
            if !hash || !id.issuer_serial.is_none_or(|one| one.is(certificate)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl SignerId<'_> {
    fn is(&self, certificate: &Certificate<'_>) -> bool {
        match self {
            Self::IssuerAndSerial(id) => {
                id.issuer == *certificate.issuer() && id.serial == *certificate.serial()
            }
            Self::SubjectKey(id) => certificate.subject_key_id().as_deref() == Some(id.as_bytes()),
        }
    }
}

impl IssuerSerial {
    fn is(&self, certificate: &Certificate<'_>) -> bool {
        let issuer = |name: &GeneralName| matches!(name, GeneralName::DirectoryName(name) if name == certificate.issuer());
        self.serial == *certificate.serial() && self.issuer.iter().any(issuer)
    }
}

fn content_info(der: &[u8]) -> Result<(ObjectIdentifier, AnyRef<'_>), TimestampFault> {
    let mut reader = SliceReader::new(der)?;
    let (kind, content) = reader.sequence(|reader| {
        Ok::<_, der::Error>((ObjectIdentifier::decode(reader)?, explicit::<AnyRef<'_>>(reader, 0)?))
    })?;
    reader.finish()?;
    Ok((kind, content.ok_or_else(|| TimestampFault::malformed("it has no content"))?))
}

/// The DER of the first element of the first element: of `SEQUENCE { SEQUENCE OF id, … }`, the first id.
fn first_of(certificate: AnyRef<'_>) -> Result<&[u8], TimestampFault> {
    let mut reader = SliceReader::new(certificate.value())?;
    let ids = AnyRef::decode(&mut reader)?;
    let mut reader = SliceReader::new(ids.value())?;
    Ok(reader.tlv_bytes()?)
}

/// The DER of each element of a set or sequence.
pub(super) fn elements<'a>(
    content: &'a [u8],
    limit: usize,
    what: &str,
) -> Result<Vec<&'a [u8]>, TimestampFault> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        if found.len() == limit {
            return Err(TimestampFault::malformed(format!("it has more than {limit} {what}")));
        }
        found.push(reader.tlv_bytes()?);
    }
    Ok(found)
}

/// The value of a field with an explicit tag of this number, if it comes next.
pub(super) fn explicit<'a, T: Decode<'a, Error = der::Error>>(
    reader: &mut SliceReader<'a>,
    number: u32,
) -> Result<Option<T>, der::Error> {
    Ok(ContextSpecific::<T>::decode_explicit(reader, TagNumber(number))?.map(|field| field.value))
}

/// The content of a constructed field with an implicit tag of this number, if it comes next.
pub(super) fn implicit<'a>(
    reader: &mut SliceReader<'a>,
    number: u32,
) -> Result<Option<&'a [u8]>, der::Error> {
    let wanted = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    if reader.is_finished() || Tag::peek(reader)? != wanted {
        return Ok(None);
    }
    Ok(Some(AnyRef::from_der(reader.tlv_bytes()?)?.value()))
}

/// The subject key identifier of a signer, if it comes next: a string with the implicit tag 0.
fn implicit_string<'a>(reader: &mut SliceReader<'a>) -> Result<Option<&'a OctetStringRef>, der::Error> {
    Ok(ContextSpecific::<&OctetStringRef>::decode_implicit(reader, TagNumber(0))?.map(|field| field.value))
}
