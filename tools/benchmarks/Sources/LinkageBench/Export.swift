import Foundation
import RecordLinkage

/// Writes a set as a table for other programs: one column an attribute, and who is who in the last one.
enum Export {
    static func write(_ set: LinkageSet, to path: String) throws {
        let attributes = Attribute.allCases.filter { attribute in set.records.contains { $0.values.contains { $0.attribute == attribute } } }
        var text = (["unique_id"] + attributes.map { "\($0)" } + ["customer"]).joined(separator: ",") + "\n"
        for (number, record) in set.records.enumerated() {
            let cells = attributes.map { attribute in record.values.first { $0.attribute == attribute }?.text ?? "" }
            text += ([record.key] + cells + [String(set.truth[number])]).joined(separator: ",") + "\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
