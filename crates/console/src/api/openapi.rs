use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;
use utoipa::openapi::{
    ContentBuilder, HttpMethod, InfoBuilder, License, ObjectBuilder, OpenApiBuilder, PathItem, PathsBuilder,
    Ref, RefOr, Required, ResponseBuilder, Schema, SecurityRequirement, ServerBuilder, Type,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
    security::{ApiKey, ApiKeyValue, SecurityScheme},
};

use super::{Action, ENDPOINTS, Endpoint, Parameter, Shape, schema_of};
use crate::refusal::Problem;

const ABOUT: &str = "What the console shows, as data. Texts that come from files are data and are not made fit for any \
    place: escape them. Whoever has come in with the one-time link has a session, which is the cookie. Each answer \
    carries `x-csrf-token`; a request that changes something sends it back, together with `Origin`.";

/// The description of the JSON API (`OpenAPI` 3.1): indented JSON with a line feed at the end.
///
/// # Panics
/// Never: the document is JSON.
pub fn openapi() -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.for_serialize().into_generator();
    let paths = ENDPOINTS.iter().fold(PathsBuilder::new(), |paths, endpoint| {
        let item = PathItem::new(method(endpoint), operation(endpoint, &mut schemas));
        // Endpoints of one path are merged by the builder.
        paths.path(endpoint.path, item)
    });
    let session = ApiKeyValue::with_description(
        "bartizan-8686",
        "Of the session. The name ends with the port; over TLS it is `__Host-bartizan`.",
    );
    let components = utoipa::openapi::ComponentsBuilder::new()
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    let info = InfoBuilder::new()
        .title("Bartizan")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(License::new(env!("CARGO_PKG_LICENSE"))));
    let document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/api/v1").build()]))
        .paths(paths)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new("session", [""; 0])]))
        .build();
    let mut document = serde_json::to_value(document).expect("the builder's types are JSON");
    // The types of the report describe themselves through schemars; what it says of them is taken as it is.
    document["components"]["schemas"] = Value::Object(schemas.take_definitions(true));
    let mut text = serde_json::to_string_pretty(&document).expect("a value is JSON");
    text.push('\n');
    text
}

fn method(endpoint: &Endpoint) -> HttpMethod {
    match endpoint.action {
        Action::Read(_) => HttpMethod::Get,
        Action::Start => HttpMethod::Post,
        Action::Cancel => HttpMethod::Delete,
    }
}

fn operation(endpoint: &Endpoint, schemas: &mut SchemaGenerator) -> Operation {
    let (status, meaning) = match endpoint.action {
        Action::Read(_) => ("200", "What was asked for."),
        Action::Start | Action::Cancel => ("202", "It was taken in; this is the state now."),
    };
    let answer = (endpoint.answer)(schemas);
    let problem = schema_of::<Problem<'static>>(schemas);
    let mut operation = OperationBuilder::new()
        .summary(Some(endpoint.summary))
        .operation_id(Some(operation_id(endpoint)))
        .response(status, response(meaning, "application/json", &answer))
        .response(
            "default",
            response("Why it was refused (RFC 9457).", "application/problem+json", &problem),
        );
    for parameter in endpoint.parameters {
        operation = operation.parameter(described(parameter));
    }
    if !matches!(endpoint.action, Action::Read(_)) {
        let token = ParameterBuilder::new()
            .name("x-csrf-token")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The token of the session"))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        operation = operation.parameter(token);
    }
    operation.build()
}

/// Method and words of the path, such as `get-log-entries-index`.
fn operation_id(endpoint: &Endpoint) -> String {
    let words = endpoint.path.split('/').filter(|word| !word.is_empty());
    let words = words.map(|word| word.trim_matches(['{', '}']));
    std::iter::once(endpoint.method().to_ascii_lowercase().as_str())
        .chain(words)
        .collect::<Vec<_>>()
        .join("-")
}

fn described(parameter: &Parameter) -> ParameterBuilder {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let schema = match parameter.shape {
        Shape::Words(words) => text().enum_values(Some(words.iter().copied())),
        Shape::Text => text(),
        Shape::Number { most, usual } => {
            let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0_usize));
            let number = if most == u64::MAX { number } else { number.maximum(usize::try_from(most).ok()) };
            if parameter.in_path { number } else { number.default(Some(usual.into())) }
        }
    };
    let (place, required) = if parameter.in_path {
        (ParameterIn::Path, Required::True)
    } else {
        (ParameterIn::Query, Required::False)
    };
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(place)
        .required(required)
        .description(Some(parameter.about))
        .schema(Some(schema))
}

fn response(meaning: &str, media_type: &str, schema: &schemars::Schema) -> ResponseBuilder {
    let name = schema.get("$ref").and_then(Value::as_str);
    let schema = Ref::new(name.expect("each answer is a type with a name"));
    let content = ContentBuilder::new().schema(Some(RefOr::<Schema>::Ref(schema)));
    ResponseBuilder::new().description(meaning).content(media_type, content.build())
}
