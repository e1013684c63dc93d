//! All rules of this crate.

use bartizan_finding::RuleMeta;

use crate::{
    formats::{
        compressed::rules as cmp, config::rules as cfg, gguf::rules as ggf, pickle::rules as pkl,
        safetensors::rules as sts, sevenzip::rules as svz, tar::image::rules as oci, tar::rules as tar,
        template::rules as tpl, torch::rules as pth, zip::rules as zip,
    },
    rules as art,
};

/// The version of the rules. It grows when the same file could be judged differently.
pub const RULE_SET: u32 = 3;

/// All rules, in the order of their codes.
pub fn rules() -> Vec<&'static RuleMeta> {
    vec![
        art::ChangedWhileRead::META,
        art::NameDisagrees::META,
        art::AlsoArchive::META,
        art::AlsoPickle::META,
        art::ExecutableFile::META,
        cfg::NotJson::META,
        cfg::OwnCode::META,
        cfg::TrustsRemoteCode::META,
        cfg::Instantiates::META,
        cfg::ShardOutside::META,
        cfg::DuplicateToken::META,
        cfg::RewritesText::META,
        cmp::Bomb::META,
        cmp::Damaged::META,
        cmp::Trailing::META,
        ggf::UnknownVersion::META,
        ggf::Malformed::META,
        ggf::ImpossibleSize::META,
        ggf::UnusualMetadata::META,
        ggf::DuplicateName::META,
        ggf::BadAlignment::META,
        ggf::UnknownType::META,
        ggf::BadShape::META,
        ggf::Misplaced::META,
        ggf::Overlap::META,
        ggf::Uncovered::META,
        ggf::ForeignData::META,
        ggf::UnusualName::META,
        oci::DigestDisagrees::META,
        oci::Incomplete::META,
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
        pth::MissingStorage::META,
        pth::StorageSize::META,
        pth::Program::META,
        pth::ForeignData::META,
        pth::UnusedStorage::META,
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
        svz::Malformed::META,
        svz::HeaderDisagrees::META,
        svz::UnsafeName::META,
        svz::DuplicateMember::META,
        svz::Unaccounted::META,
        svz::Encrypted::META,
        svz::ContentsDisagree::META,
        svz::Bomb::META,
        tar::MalformedHeader::META,
        tar::HeaderDisagrees::META,
        tar::UnsafeName::META,
        tar::UnsafeLink::META,
        tar::DuplicateMember::META,
        tar::SpecialFile::META,
        tar::Unaccounted::META,
        tar::Truncated::META,
        tar::Bomb::META,
        tpl::ReachesPython::META,
        tpl::UnusualConstruct::META,
        zip::NoDirectory::META,
        zip::DirectoryDisagrees::META,
        zip::HeaderDisagrees::META,
        zip::DuplicateMember::META,
        zip::UnsafeName::META,
        zip::Overlap::META,
        zip::Unaccounted::META,
        zip::Encrypted::META,
        zip::ContentsDisagree::META,
        zip::Bomb::META,
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
