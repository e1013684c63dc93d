//! What the sentences are made of.

/// What a ticket is about, and how people say it.
pub(super) struct Topic {
    pub(super) name: &'static str,
    pub(super) subjects: &'static [&'static str],
    pub(super) problems: &'static [&'static str],
    pub(super) details: &'static [&'static str],
    pub(super) wishes: &'static [&'static str],
    pub(super) answers: &'static [&'static str],
    pub(super) actions: &'static [&'static str],
}

pub(super) const CHANNELS: &[&str] = &["chat", "mail", "mail", "phone", "web-form"];

pub(super) const GIVEN: &[&str] = &[
    "Adaeze", "Aino", "Amara", "Andrej", "Beatriz", "Bogdan", "Carmen", "Chidi", "Dalia", "Davor", "Elif",
    "Emil", "Fatima", "Felix", "Greta", "Hana", "Henrik", "Ines", "Ivo", "Jana", "Kofi", "Lena", "Luca",
    "Mai", "Marek", "Maya", "Nadia", "Noor", "Olek", "Paula", "Rafael", "Rosa", "Samir", "Signe", "Tarek",
    "Teresa", "Tomasz", "Vera", "Yusuf", "Zoe",
];

pub(super) const FAMILY: &[&str] = &[
    "Adeyemi", "Almeida", "Andersen", "Bauer", "Bianchi", "Costa", "Demir", "Dubois", "Eriksen", "Farah",
    "Fischer", "Garcia", "Haddad", "Horvat", "Ivanova", "Jansen", "Kaya", "Kowalska", "Larsen", "Lopez",
    "Mensah", "Moreau", "Nakamura", "Novak", "Okafor", "Pereira", "Petrov", "Quist", "Rossi", "Sato",
    "Schmid", "Silva", "Tanaka", "Urban", "Virtanen", "Weber", "Xu", "Yilmaz", "Zeman", "Zhang",
];

pub(super) const CITIES: &[&str] = &[
    "Aarhus", "Bergen", "Brno", "Ghent", "Graz", "Leipzig", "Malmo", "Porto", "Tampere", "Turin", "Utrecht",
];

pub(super) const PRODUCTS: &[&str] = &[
    "bread bin",
    "bedside lamp",
    "cast iron pan",
    "coffee grinder",
    "cutlery set",
    "desk lamp",
    "duvet",
    "electric kettle",
    "enamel pot",
    "floor lamp",
    "food processor",
    "hand blender",
    "laundry basket",
    "linen curtains",
    "mattress topper",
    "mixing bowls",
    "oven dish",
    "pepper mill",
    "picture frame",
    "salad spinner",
    "shower curtain",
    "spice rack",
    "storage jars",
    "tea pot",
    "thermos flask",
    "toaster",
    "towel rail",
    "vacuum cleaner",
    "wall clock",
    "wool blanket",
];

pub(super) const GREETINGS: &[&str] = &[
    "Hello,",
    "Hi there,",
    "Good morning,",
    "Good evening,",
    "Dear team,",
    "Hi, {name} here.",
    "To whom it may concern,",
];

pub(super) const CLOSINGS: &[&str] = &[
    "Thanks, {name}",
    "Thank you for your help.",
    "Kind regards, {name}",
    "Many thanks in advance.",
    "Looking forward to your answer.",
    "Best, {name}",
    "Sent from my phone.",
];

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "late-delivery",
        subjects: &[
            "Where is my parcel?",
            "Order {order} is late",
            "Tracking has stopped",
            "Still no {product}",
        ],
        problems: &[
            "my order {order} should have been here {days} days ago and nothing has come.",
            "the tracking for {order} has not moved for {days} days.",
            "I ordered a {product} and the parcel seems to be stuck in {city}.",
            "the carrier says that {order} was handed over, but nobody in the house has it.",
        ],
        details: &[
            "It was meant as a present for the weekend.",
            "I was at home the whole day and nobody rang.",
            "The pick-up point in {city} does not know the parcel either.",
            "The last entry says that it left the warehouse.",
        ],
        wishes: &[
            "Can you find out where it is?",
            "Please start a search with the carrier.",
            "If it is lost, I would like a second delivery.",
            "Could you tell me when it will come?",
        ],
        answers: &[
            "The carrier is searching for the parcel of {order}; we write again within five working days.",
            "The parcel is at the pick-up point in {city} and can be collected for seven days.",
            "The parcel of {order} was lost. A new {product} left today.",
        ],
        actions: &["search-started", "resent", "informed"],
    },
    Topic {
        name: "damaged",
        subjects: &["{product} arrived broken", "Damaged item in {order}", "Scratches on my {product}"],
        problems: &[
            "the {product} from order {order} arrived with a crack.",
            "when I opened the box, the {product} was in pieces.",
            "the {product} is dented on one side, though the box looked fine.",
            "one part of the {product} is missing from the box.",
        ],
        details: &[
            "I can send photos if you need them.",
            "The box had been opened and taped again.",
            "I have not used it yet.",
            "The same thing happened {days} days ago with another order.",
        ],
        wishes: &[
            "I would like a replacement.",
            "Please send the missing part.",
            "I would rather have my money back.",
            "What should I do with the broken one?",
        ],
        answers: &[
            "A replacement for the {product} is on its way; you need not send the broken one back.",
            "The missing part leaves tomorrow without charge.",
            "A refund for the {product} was proposed and confirmed by the refund desk.",
        ],
        actions: &["replaced", "part-sent", "refunded"],
    },
    Topic {
        name: "refund",
        subjects: &["Where is my refund?", "Refund for {order}", "Money not back yet"],
        problems: &[
            "I sent the {product} back {days} days ago and have not seen the money.",
            "order {order} still shows that a refund is proposed.",
            "I was refunded for {order}, but the amount is lower than what I paid.",
        ],
        details: &[
            "The carrier confirms that the parcel reached you.",
            "I had used a discount code for that order.",
            "My bank says that nothing is pending.",
        ],
        wishes: &[
            "When can I expect it?",
            "Please check what went wrong.",
            "Could you explain how the amount came about?",
        ],
        answers: &[
            "The refund for {order} was confirmed and reaches you in three to five working days.",
            "The share of the discount was taken off, as the article on refunds explains.",
            "The return of the {product} was scanned only yesterday; the refund desk decides today.",
        ],
        actions: &["refunded", "informed", "escalated"],
    },
    Topic {
        name: "exchange",
        subjects: &["Wrong colour", "Exchange of {order}", "Can I swap the {product}?"],
        problems: &[
            "I picked the wrong size of the {product} in order {order}.",
            "the {product} is nice, but the colour does not match the picture.",
            "I received a {product} that I did not order.",
        ],
        details: &[
            "It is unused and still in its box.",
            "I have had it for {days} days.",
            "The label on the box shows the right item, the content is another.",
        ],
        wishes: &[
            "Can I exchange it without a new order?",
            "Please tell me how to send it back.",
            "I would like the larger one instead.",
        ],
        answers: &[
            "Choose *Exchange* in your account; the new {product} leaves when the old one is scanned.",
            "We are sorry for the mix-up. A label is in your account and the right {product} leaves today.",
        ],
        actions: &["exchanged", "informed"],
    },
    Topic {
        name: "address",
        subjects: &["Change of address", "Wrong address on {order}", "I have moved"],
        problems: &[
            "I have moved to {city} and order {order} still goes to the old address.",
            "I forgot the house number in order {order}.",
            "the parcel with my {product} should go to my neighbour in {city} instead.",
        ],
        details: &[
            "I placed the order an hour ago.",
            "The page does not let me change it any more.",
            "The new one is in my account already.",
        ],
        wishes: &[
            "Can you still change it?",
            "Please redirect the parcel.",
            "What happens if it comes back to you?",
        ],
        answers: &[
            "The address of {order} was changed before it was packed.",
            "The order was packed already; the carrier redirects it once, to {city}.",
        ],
        actions: &["changed", "redirected"],
    },
    Topic {
        name: "invoice",
        subjects: &["Invoice for {order}", "Company name on the invoice", "I need a bill"],
        problems: &[
            "I cannot find the invoice for order {order}.",
            "the invoice for the {product} shows my private name instead of the company.",
            "the invoice of {order} shows the delivery twice.",
        ],
        details: &[
            "I need it for my tax return.",
            "Our accountant asks for it.",
            "The order is {days} days old.",
        ],
        wishes: &["Please send it again.", "Can you correct it?", "Could you explain the second line?"],
        answers: &[
            "The invoice of {order} is in your account under *My orders*.",
            "A corrected invoice with the company name is in your account now.",
        ],
        actions: &["informed", "corrected"],
    },
    Topic {
        name: "account",
        subjects: &["Cannot sign in", "Password link does not work", "Delete my account"],
        problems: &[
            "the link for a new password says that it is no longer valid.",
            "I cannot sign in since I changed my phone.",
            "I have two accounts and would like to keep only one.",
            "please delete my account, I do not use it any more.",
        ],
        details: &[
            "I tried {days} times.",
            "The mail went to the spam folder first.",
            "I see none of my orders there.",
        ],
        wishes: &["Can you send a new link?", "What can I do?", "Please confirm when it is done."],
        answers: &[
            "A new link was sent; it is valid for one hour.",
            "The accounts were joined, and all orders are in one place.",
            "The account is deleted within a month; invoices are kept as the law asks for.",
        ],
        actions: &["link-sent", "joined", "deleted"],
    },
    Topic {
        name: "warranty",
        subjects: &["{product} stopped working", "Warranty for my {product}", "Spare part needed"],
        problems: &[
            "my {product} stopped working after {days} months.",
            "the lid of the {product} no longer closes.",
            "the {product} makes a loud noise since last week.",
        ],
        details: &[
            "I bought it in order {order}.",
            "I clean it as the manual says.",
            "My neighbour in {city} has the same problem.",
        ],
        wishes: &[
            "Is that covered by the warranty?",
            "Can I get a spare part?",
            "Do you repair it or send a new one?",
        ],
        answers: &[
            "The {product} is covered for three years. A replacement leaves this week.",
            "A spare part for the {product} is sent without charge.",
            "Please send the {product} to our workshop; a repair takes about two weeks.",
        ],
        actions: &["replaced", "part-sent", "repair"],
    },
    Topic {
        name: "discount",
        subjects: &["Code not accepted", "Discount missing on {order}", "Question about an offer"],
        problems: &[
            "the page does not accept the code from your newsletter.",
            "I forgot to enter my code for order {order}.",
            "the {product} became cheaper {days} days after I ordered it.",
        ],
        details: &[
            "The offer runs until Sunday.",
            "I used another code in the same order.",
            "A friend in {city} got it to work.",
        ],
        wishes: &["Can you take it off afterwards?", "Why is that?", "Could you send me a new one?"],
        answers: &[
            "A code counts once per order and not together with another one.",
            "The difference for the {product} was credited to your account.",
        ],
        actions: &["informed", "credited"],
    },
    Topic {
        name: "product",
        subjects: &["Question about the {product}", "Does the {product} fit?", "When is it back?"],
        problems: &[
            "does the {product} go into the dishwasher?",
            "I cannot find the measures of the {product} on the page.",
            "the {product} has been out of stock for {days} days.",
        ],
        details: &[
            "The shop in {city} did not know.",
            "I have the older one and like it.",
            "It is for a small kitchen.",
        ],
        wishes: &["Can you find out?", "Please tell me when it is there again.", "Which one would you take?"],
        answers: &[
            "The {product} can go into the dishwasher, but its lid should be washed by hand.",
            "The measures of the {product} are now on its page.",
            "The {product} is expected back within two weeks; the page offers a note by mail.",
        ],
        actions: &["informed"],
    },
];
