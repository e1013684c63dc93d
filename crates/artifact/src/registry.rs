//! All rules of this crate.

use bartizan_finding::RuleMeta;

use crate::{
    formats::{pickle::rules as pkl, safetensors::rules as sts},
    rules as art,
};

/// The version of the rules. It grows when the same file could be judged differently.
pub const RULE_SET: u32 = 1;

/// All rules, in the order of their codes.
pub fn rules() -> Vec<&'static RuleMeta> {
    vec![
        art::ChangedWhileRead::META,
        art::NameDisagrees::META,
        art::AlsoArchive::META,
        art::AlsoPickle::META,
        art::ExecutableFile::META,
        pkl::DangerousGlobal::META,
        pkl::UnknownGlobal::META,
        pkl::ComputedName::META,
        pkl::ExtensionRegistry::META,
        pkl::ForeignPersistentId::META,
        pkl::BrokenStream::META,
        pkl::EffectBeforeBreak::META,
        pkl::TrailingData::META,
        pkl::NestedPickle::META,
        pkl::ProtocolDisagrees::META,
        pkl::FrameDisagrees::META,
        pkl::AttributeWrite::META,
        pkl::UnusualArguments::META,
        sts::HeaderLength::META,
        sts::MalformedHeader::META,
        sts::DuplicateKey::META,
        sts::UnknownDtype::META,
        sts::SizeDisagrees::META,
        sts::BadOffsets::META,
        sts::Overlap::META,
        sts::Uncovered::META,
        sts::MetadataType::META,
        sts::SuspiciousMetadata::META,
        sts::ForeignData::META,
        sts::UnalignedData::META,
        sts::UnusualHeader::META,
    ]
}

#[cfg(test)]
mod tests {
    use bartizan_finding::registry_faults;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let rules = rules();
        assert_eq!(registry_faults(rules.iter().copied()), Vec::<String>::new());
        assert!(rules.is_sorted_by_key(|rule| rule.code.as_str()));
    }
}
