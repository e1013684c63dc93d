use bartizan_finding::{RuleMeta, Severity};

use super::{Secret, assigned::Assigned, pem, span::Span, token::Token, url};
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    view::View,
};

/// A kind of secret.
#[derive(Debug)]
pub(crate) struct Row {
    /// Kebab-case name.
    pub(crate) id: &'static str,
    /// One line.
    pub(crate) title: &'static str,
    /// Where the issuer describes it.
    pub(crate) reference: &'static str,
    pub(crate) severity: Severity,
    pub(crate) form: Form,
    pub(crate) hit: fn() -> String,
    pub(crate) miss: fn() -> String,
}

/// What a kind of secret looks like.
#[derive(Debug)]
pub(crate) enum Form {
    /// A fixed start and what follows it.
    Token(Token),
    /// A value that a telling name is set to.
    Assigned(Assigned),
    /// A private key in PEM, in a service account file or alone.
    Pem { service_account: bool },
    /// A URL of one of these schemes with user and password.
    Url { schemes: &'static [&'static str] },
}

/// Looks for one kind.
#[derive(Debug)]
pub(crate) struct RowDetector(pub(crate) &'static Row);

impl Detector for RowDetector {
    fn family(&self) -> Family {
        Family::Secrets
    }

    fn rule(&self) -> &'static RuleMeta {
        Secret::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Literals(match &self.0.form {
            Form::Token(token) => token.starts,
            Form::Assigned(assigned) => assigned.names,
            Form::Pem { .. } => &[pem::BEGIN],
            Form::Url { .. } => &[url::SEPARATOR],
        })
    }

    fn bounds(&self) -> Bounds {
        match &self.0.form {
            Form::Token(token) => token.bounds(),
            Form::Assigned(assigned) => assigned.bounds(),
            Form::Pem { .. } => pem::BOUNDS,
            Form::Url { .. } => url::BOUNDS,
        }
    }

    fn rank(&self) -> Rank {
        match &self.0.form {
            Form::Assigned(assigned) => assigned.rank,
            _ => Rank::Specific,
        }
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let (span, preview) = match &self.0.form {
            Form::Token(token) => (token.find(view), token.preview()),
            Form::Assigned(assigned) => (assigned.find(view), None),
            Form::Pem { service_account } => (pem::find(view, *service_account), None),
            Form::Url { schemes } => (url::find(view, schemes), None),
        };
        let Some(Span { start, end, severity, confidence }) = span else { return };
        found(Hit {
            variant: Some(self.0.id),
            preview,
            severity: severity.unwrap_or(self.0.severity).min(self.0.severity),
            confidence,
            ..Hit::new(Secret::META, self.0.id, start, end)
        });
    }
}
