internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// How a change that was made can be taken back, as a line of talk; nothing where no operation was made.
func takeBackLines(_ operation: OperationID?) -> [String] {
    operation.map { [Catalogue.text("say.take-back", ["operation": $0.ending])] } ?? []
}

extension UniqueID {
    /// The last twelve digits, as tables print ids and as people give them.
    var ending: String { String(description.suffix(12)) }
}

extension JSONValue {
    /// An id, a dot, an origin or a digest as text, or null where there is none.
    init(id: (some CustomStringConvertible)?) { self.init(id?.description) }
    /// A moment as RFC 3339 in UTC, or null where there is none.
    init(at stamp: Stamp?) { self.init(stamp.map { Timestamp.text(microseconds: $0.rawValue) }) }
}

extension TimeText {
    /// The moment in the machine's time zone to the minute.
    static func local(_ stamp: Stamp) -> String { local(stamp.rawValue / 1000) }
}

/// What a field is called in the reader's language; its name where the catalogue does not have it.
func fieldTitle(_ name: String) -> String {
    switch name {
    case Conflict.lifeName: Catalogue.text("label.life")
    case Conflict.linkName: Catalogue.text("label.same")
    case Conflict.affiliationName: Catalogue.text("label.affiliation")
    case let part where part.hasPrefix("affiliation."):
        Catalogue.text("label.affiliation") + " · " + fieldTitle(String(part.dropFirst("affiliation.".count)))
    default: FieldCatalogue.standard[name]?.label ?? name
    }
}

/// A field's value in the reader's language, where it is one of the system's own words or of a choice.
func valueTitle(_ text: String, of field: String) -> String {
    switch (field, text) {
    case (Conflict.lifeName, "deleted"): Catalogue.text("label.deleted")
    case (Conflict.lifeName, "living"): Catalogue.text("label.living")
    case (Conflict.linkName, "yes"): Catalogue.text("label.yes")
    case (Conflict.linkName, "no"): Catalogue.text("label.no")
    case (Conflict.affiliationName, "ended"): Catalogue.text("label.ended")
    case (Conflict.affiliationName, "living"): Catalogue.text("label.living")
    case ("affiliation.decision_role", _): valueTitle(text, of: "decision_role")
    default: FieldCatalogue.standard[field]?.shown([text]) ?? text
    }
}
