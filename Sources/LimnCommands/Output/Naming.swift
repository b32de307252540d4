internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// How a change that was made can be taken back, as a line of talk; nothing where no operation was made.
func takeBackLines(_ operation: OperationID?) -> [String] { operation.map { [ShownText.undo($0)] } ?? [] }

extension UniqueID {
    /// The last twelve digits, as tables print ids and as people give them.
    var ending: String { ShownText.short(self) }
}

extension JSONValue {
    /// A dot, an origin or a digest as text, or null where there is none.
    init(id: (some CustomStringConvertible)?) { self.init(id?.description) }
}

extension TimeText {
    /// The moment in the machine's time zone to the minute.
    static func local(_ stamp: Stamp) -> String { local(stamp.rawValue / 1000) }
}

/// What a field is called in the reader's language: in English by its name, which options take.
func fieldTitle(_ name: String) -> String {
    switch Language.current {
    case .english: name
    case .chinese: name == Conflict.lifeName ? Catalogue.text("label.life") : FieldCatalogue.standard[name]?.labelChinese ?? name
    }
}
