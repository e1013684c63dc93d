//! Tensors that a stream puts together over a storage.

use super::value::{Global, UNKNOWN_SIZE, Value};

/// What is wrong with the place of a tensor in its storage, where the stream tells both plainly.
///
/// All of these functions of `torch/_utils.py` start with storage, offset, sizes and strides, in elements of the storage.
pub(super) fn outside(global: &Global, arguments: &Value) -> Option<String> {
    let rebuilds = global.module == "torch._utils"
        && matches!(
            global.name.as_str(),
            "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_tensor_v3" | "_rebuild_qtensor"
        );
    let [storage, Value::Int(offset), sizes, strides, ..] = arguments.items().filter(|_| rebuilds)? else {
        return None;
    };
    let (sizes, strides) = (sizes.items()?, strides.items()?);
    if sizes.len() != strides.len() {
        return Some(format!("a tensor has {} sizes and {} strides", sizes.len(), strides.len()));
    }
    let mut last = i128::from(*offset);
    let mut empty = false;
    for (size, stride) in sizes.iter().zip(strides) {
        if size.is_open() || stride.is_open() {
            return None;
        }
        let (Value::Int(size), Value::Int(stride)) = (size, stride) else {
            return Some("a size or stride of a tensor is no number that fits".to_owned());
        };
        if *size < 0 || *stride < 0 {
            return Some("a size or stride of a tensor is negative".to_owned());
        }
        empty |= *size == 0;
        last = last.saturating_add(i128::from(*size - 1).saturating_mul(i128::from(*stride)));
    }
    if *offset < 0 {
        return Some("the offset of a tensor is negative".to_owned());
    }
    match storage {
        Value::Persistent(UNKNOWN_SIZE) => None,
        Value::Persistent(elements) if !empty && last >= i128::from(*elements) => {
            Some(format!("a tensor reaches to element {last} of a storage of {elements} elements"))
        }
        _ => None,
    }
}
