import Foundation
import RecordLinkage

/// FEBRL's sets of synthetic people (Christen 2008), without the column of social security numbers.
enum Febrl {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "there is no file \(path)" }
    }

    /// Reads set 1, 2 or 4 from a folder; set 4 is two files, put together.
    static func read(_ number: Int, folder: String) throws -> LinkageSet {
        let goals = [1: 0.994, 2: 0.990, 4: 0.995]
        var set = LinkageSet(name: "FEBRL \(number)", subject: .person, records: [], truth: [], goal: goals[number])
        var customers: [Substring: Int32] = [:]
        for file in number == 4 ? ["febrl4a.csv", "febrl4b.csv"] : ["febrl\(number).csv"] {
            let path = folder + "/" + file
            guard let data = FileManager.default.contents(atPath: path) else { throw Missing(path: path) }
            let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            for line in lines.dropFirst() {
                let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
                set.records.append(record(cells))
                // rec-223-org and rec-223-dup-0 are one person; the links files say the same.
                let person = line.split(separator: "-")[1]
                let next = Int32(customers.count)
                set.truth.append(customers[person, default: next])
                customers[person] = set.truth.last
            }
        }
        return set
    }

    private static func record(_ cells: [String]) -> LinkageRecord {
        let columns: [(Attribute, Int)] = [
            (.givenName, 1), (.familyName, 2), (.streetNumber, 3), (.street, 4), (.premises, 5), (.locality, 6), (.postcode, 7), (.region, 8),
            (.birthDate, 9),
        ]
        return LinkageRecord(key: cells[0], values: columns.map { (attribute: $0.0, text: cells[$0.1]) })
    }
}
