internal import Causality
internal import NodeOperations
internal import ProfileModel

/// A program of which this one is the previous release: it speaks one version of the protocol more, and knows two fields, a kind of
/// rows and a type of values that this one has never heard of.
enum LaterVersion {
    static let loyalty = Field(
        id: FieldID(rawValue: 900), name: "loyalty", type: .integer, labelEnglish: "Loyalty", labelChinese: "忠诚度", policy: .highest)
    static let allergies = Field(
        id: FieldID(rawValue: 901), name: "allergies", type: .text, isSet: true, labelEnglish: "Allergies", labelChinese: "过敏")
    static let contract = RowKind(rawValue: 900)
    static let versions = 1...2

    static let fields: FieldCatalogue = {
        var catalogue = FieldCatalogue.standard
        catalogue.add(loyalty)
        catalogue.add(allergies)
        return catalogue
    }()

    /// A value of a type that no program of this release knows.
    static func value(_ text: String) -> [UInt8] { [200] + Array(text.utf8) }
}
