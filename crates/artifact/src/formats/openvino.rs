//! `OpenVINO` graphs: layers and edges in XML; the weights lie in a file beside, to which constants point.

pub(crate) mod rules;

use super::xml::Document;
use crate::{escape, problems::SHOWN, scope::Scope};

/// What is known of a graph.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    layers: u64,
    /// The type of the layer that is open.
    layer: String,
    /// Bytes of weights that constants point to.
    reach: u64,
}

/// The longest file of weights that a constant may point into. The largest published models take some terabytes.
const MOST_WEIGHTS: u64 = 1 << 44;

impl Document for Graph {
    fn open(&mut self, name: &str, attributes: &[(String, String)], at: u64, scope: &mut Scope<'_, '_>) {
        let get =
            |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        match name {
            "net" => {
                if let Some(version) = get("version") {
                    scope.outline.fact("archive-version", version);
                }
            }
            "layer" => {
                self.layers += 1;
                get("type").unwrap_or_default().clone_into(&mut self.layer);
                let set = get("version").unwrap_or_default();
                if !is_opset(set) {
                    let message = format!(
                        "the layer {} is of {}, which is no set of OpenVINO's own operations",
                        escape(&self.layer, SHOWN),
                        if set.is_empty() { "no set".to_owned() } else { escape(set, SHOWN) }
                    );
                    scope.add(rules::ForeignOperation::META, at, at, message);
                }
            }
            "data" if self.layer == "Const" => {
                scope.outline.tensors += 1;
                let place = get("offset").zip(get("size"));
                let element = get("element_type").unwrap_or_default();
                if let Some(fault) = self.constant(place, element, get("shape")) {
                    scope.add(rules::BadConstant::META, at, at, fault);
                }
            }
            "edge" => {
                let whole = ["from-layer", "from-port", "to-layer", "to-port"]
                    .iter()
                    .all(|key| get(key).is_none_or(|number| number.parse::<u32>().is_ok()));
                if !whole {
                    scope.add(
                        rules::BadConstant::META,
                        at,
                        at,
                        "an edge leads from or to something that is no number",
                    );
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, scope: &mut Scope<'_, '_>) {
        scope.outline.fact("layers", &self.layers.to_string());
        scope.outline.fact("weight-bytes", &self.reach.to_string());
        let file = scope.name.rsplit('/').next().unwrap_or_default();
        if let Some(stem) = file.strip_suffix(".xml").filter(|_| self.reach > 0) {
            scope.data(&format!("{stem}.bin"), Some(self.reach), 0);
        }
    }
}

impl Graph {
    /// What is wrong with the place of a constant's weights.
    fn constant(
        &mut self,
        place: Option<(&str, &str)>,
        element: &str,
        shape: Option<&str>,
    ) -> Option<String> {
        let Some((offset, size)) = place else {
            return Some("a constant does not say where its weights are".to_owned());
        };
        let number = |text: &str| text.parse::<u64>().ok();
        let (Some(offset), Some(size)) = (number(offset), number(size)) else {
            return Some("a constant whose offset or size is no number that fits".to_owned());
        };
        let end = offset.checked_add(size).filter(|end| *end <= MOST_WEIGHTS);
        let Some(end) = end else {
            return Some(format!("a constant of {size} bytes at {offset}, which no file of weights has"));
        };
        self.reach = self.reach.max(end);
        let bits = bits(element)?;
        let elements = shape?
            .split(',')
            .map(str::trim)
            .filter(|side| !side.is_empty())
            .try_fold(1_u64, |product, side| product.checked_mul(side.parse().ok()?));
        let want = elements.and_then(|elements| Some(elements.checked_mul(bits)?.div_ceil(8)));
        match want {
            Some(want) if want == size => None,
            Some(want) => Some(format!("a constant of {size} bytes whose shape asks for {want}")),
            None => Some("a constant whose shape cannot be counted".to_owned()),
        }
    }
}

/// The sets of operations that come with `OpenVINO`.
fn is_opset(set: &str) -> bool {
    set.strip_prefix("opset")
        .is_some_and(|number| number.parse::<u8>().is_ok_and(|number| (1..100).contains(&number)))
}

/// Bits of an element; none where the type is not one of fixed size.
fn bits(element: &str) -> Option<u64> {
    Some(match element {
        "f64" | "i64" | "u64" => 64,
        "f32" | "i32" | "u32" => 32,
        "f16" | "bf16" | "i16" | "u16" => 16,
        "i8" | "u8" | "boolean" | "f8e4m3" | "f8e5m2" | "f8e8m0" => 8,
        "i4" | "u4" | "nf4" | "f4e2m1" => 4,
        "u2" => 2,
        "u1" => 1,
        _ => return None,
    })
}
