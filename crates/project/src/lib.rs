//! bartizan.toml: typed model with spans, references, schema, discovery.
