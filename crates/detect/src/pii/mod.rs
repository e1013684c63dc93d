//! Personal data: one file per kind.

mod card;
mod context;
mod email;
mod iban;
mod ip;
mod ssn;

pub(crate) use card::PaymentCard;
pub(crate) use email::Email;
pub(crate) use iban::Iban;
pub(crate) use ip::{IpAddress, IpV4, IpV6};
pub(crate) use ssn::UsSsn;
