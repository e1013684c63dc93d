//! `#[derive(Rule)]`: turns the doc comment of a rule into its `RuleMeta`.
//!
//! The comment is the documentation page, the text of `bartizan explain` and the SARIF rule, so a comment that
//! lacks a section does not compile.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, Error, Expr, Lit, Result, spanned::Spanned as _};

const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];
const CONFIDENCES: [&str; 3] = ["low", "medium", "high"];
const SECTIONS: [&str; 5] = ["What it finds", "Why it matters", "Example", "Fix", "References"];

/// See `bartizan_finding::Rule`.
#[proc_macro_derive(Rule, attributes(rule))]
pub fn derive_rule(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let ident = &input.ident;
    let docs = Docs::parse(input)?;
    let attributes = Attributes::parse(input)?;
    let name = kebab(&ident.to_string());
    let Docs { title, sections: [what, why, example, fix, references] } = &docs;
    let references = references.lines().map(|line| {
        let line = line.trim().trim_start_matches("- ").trim();
        line.strip_prefix('<').and_then(|line| line.strip_suffix('>')).unwrap_or(line).to_owned()
    });
    let Attributes { code, severity, confidence, controls, variants } = &attributes;
    let variants = variants.as_ref().map_or_else(|| quote!(&[]), |path| quote!(#path));
    Ok(quote! {
        impl #ident {
            /// The description of this rule.
            pub const META: &'static ::bartizan_finding::RuleMeta = &::bartizan_finding::RuleMeta {
                code: ::bartizan_finding::RuleCode::new(#code),
                name: #name,
                title: #title,
                what: #what,
                why: #why,
                example: #example,
                fix: #fix,
                references: &[#(#references),*],
                severity: ::bartizan_finding::Severity::#severity,
                confidence: ::bartizan_finding::Confidence::#confidence,
                controls: &[#(::bartizan_finding::ControlId::new(#controls)),*],
                variants: #variants,
            };
        }

        impl ::bartizan_finding::Rule for #ident {
            fn meta(&self) -> &'static ::bartizan_finding::RuleMeta {
                Self::META
            }
        }
    })
}

struct Docs {
    title: String,
    sections: [String; 5],
}

impl Docs {
    fn parse(input: &DeriveInput) -> Result<Self> {
        let mut lines = Vec::new();
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")) {
            let Expr::Lit(value) = &attribute.meta.require_name_value()?.value else { continue };
            let Lit::Str(text) = &value.lit else { continue };
            let text = text.value();
            lines.push(text.strip_prefix(' ').unwrap_or(&text).to_owned());
        }
        let mut parts: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
        for line in lines {
            match (line.strip_prefix("## "), parts.last_mut()) {
                (Some(heading), _) => parts.push((heading.trim().to_owned(), Vec::new())),
                (None, Some((_, body))) => body.push(line),
                (None, None) => {}
            }
        }
        let headings: Vec<_> = parts.iter().skip(1).map(|(heading, _)| heading.as_str()).collect();
        if headings != SECTIONS {
            let wanted = SECTIONS.map(|section| format!("`## {section}`")).join(", ");
            return Err(Error::new(
                input.span(),
                format!("a rule's comment has a title and, in this order, {wanted}"),
            ));
        }
        let mut texts = parts.into_iter().map(|(_, body)| body.join("\n").trim().to_owned());
        let mut next = || texts.next().unwrap_or_default();
        let docs =
            Self { title: next().replace('\n', " "), sections: [next(), next(), next(), next(), next()] };
        if docs.title.is_empty() || docs.sections.iter().any(String::is_empty) {
            return Err(Error::new(
                input.span(),
                "the title and every section of a rule's comment say something",
            ));
        }
        Ok(docs)
    }
}

struct Attributes {
    code: String,
    severity: syn::Ident,
    confidence: syn::Ident,
    controls: Vec<String>,
    variants: Option<Expr>,
}

impl Attributes {
    fn parse(input: &DeriveInput) -> Result<Self> {
        let (mut code, mut severity, mut confidence, mut controls, mut variants) =
            (None, None, None, None, None);
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("rule")) {
            attribute.parse_nested_meta(|meta| {
                let key = meta.path.require_ident()?.to_string();
                let value: Expr = meta.value()?.parse()?;
                match key.as_str() {
                    "code" => code = Some(string(&value)?),
                    "severity" => severity = Some(word(&value, &SEVERITIES)?),
                    "confidence" => confidence = Some(word(&value, &CONFIDENCES)?),
                    "controls" => controls = Some(strings(&value)?),
                    "variants" => variants = Some(value),
                    _ => return Err(meta.error("expected code, severity, confidence, controls or variants")),
                }
                Ok(())
            })?;
        }
        let lacks = |what: &str| Error::new(Span::call_site(), format!("#[rule(…)] lacks {what}"));
        Ok(Self {
            code: code.ok_or_else(|| lacks("code"))?,
            severity: severity.ok_or_else(|| lacks("severity"))?,
            confidence: confidence.ok_or_else(|| lacks("confidence"))?,
            controls: controls.ok_or_else(|| lacks("controls"))?,
            variants,
        })
    }
}

fn string(value: &Expr) -> Result<String> {
    if let Expr::Lit(literal) = value
        && let Lit::Str(text) = &literal.lit
    {
        return Ok(text.value());
    }
    Err(Error::new(value.span(), "expected a string"))
}

fn strings(value: &Expr) -> Result<Vec<String>> {
    let Expr::Array(array) = value else {
        return Err(Error::new(value.span(), "expected a list of strings"));
    };
    array.elems.iter().map(string).collect()
}

/// A lower-case word from `allowed`, as the name of an enum variant.
fn word(value: &Expr, allowed: &[&str]) -> Result<syn::Ident> {
    let text = string(value)?;
    if !allowed.contains(&text.as_str()) {
        return Err(Error::new(value.span(), format!("expected one of {}", allowed.join(", "))));
    }
    let mut name = text;
    name.as_mut_str().get_mut(..1).map(str::make_ascii_uppercase);
    Ok(syn::Ident::new(&name, value.span()))
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}
