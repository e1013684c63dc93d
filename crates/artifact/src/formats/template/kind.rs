//! What a value of a template goes back to.

/// Where a value comes from, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kind {
    /// What is known of its origin.
    pub(super) origin: Origin,
    /// What somebody has to say, or when, for it to be as it is.
    pub(super) trigger: Option<String>,
}

/// The origin of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Something else.
    #[default]
    Other,
    /// A number of messages or the length of one.
    Size,
    /// The present date or time.
    Date,
    /// Messages, or one of them with its role.
    Messages,
    /// What a message says.
    Content,
}

/// Keys of a message that hold what it says.
const CONTENTS: [&str; 5] = ["content", "parts", "reasoning_content", "text", "value"];
/// Names that messages go by where nothing else is known of them.
const MESSAGES: [&str; 6] = ["conversation", "conversations", "last_message", "message", "messages", "msg"];
/// Names that what a message says goes by.
const SAID: [&str; 7] =
    ["content", "last_user_message", "prompt", "query", "text", "user_message", "user_prompt"];

impl Origin {
    /// By the name alone.
    pub(super) fn named(name: &str) -> Self {
        if MESSAGES.contains(&name) {
            Self::Messages
        } else if SAID.contains(&name) {
            Self::Content
        } else {
            Self::Other
        }
    }

    /// Of the value under a key.
    pub(super) fn key(self, key: &str) -> Self {
        match self {
            Self::Messages | Self::Content if CONTENTS.contains(&key) => Self::Content,
            Self::Size | Self::Date => self,
            _ => Self::Other,
        }
    }

    /// Of what a filter or method makes of it.
    pub(super) fn through(self, name: &str) -> Self {
        match (self, name) {
            (Self::Messages | Self::Content, "length" | "count" | "len") => Self::Size,
            // As text, messages are what they say, among other things.
            (Self::Messages, "string" | "tojson" | "pprint" | "safe") => Self::Content,
            (_, "int" | "float") if self == Self::Date => self,
            _ => self,
        }
    }
}

impl Kind {
    pub(super) const fn of(origin: Origin) -> Self {
        Self { origin, trigger: None }
    }

    /// Of what depends on both.
    pub(super) fn and(self, other: Self) -> Self {
        Self { origin: self.origin.max(other.origin), trigger: self.trigger.or(other.trigger) }
    }
}
