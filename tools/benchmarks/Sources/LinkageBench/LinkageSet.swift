import Foundation
import RecordLinkage

/// Records of which it is known who is who. The truth stands apart: the matcher gets the records alone.
struct LinkageSet {
    var name: String
    var subject: LinkageSubject
    var records: [LinkageRecord]
    /// The customer of each record, by its number.
    var truth: [Int32]
    /// The F1 that is asked for, if any.
    var goal: Double?
    var seed: UInt64?
}

/// Pairs found, missed and wrong.
struct Accuracy {
    var truePairs = 0
    var found = 0
    var right = 0

    var precision: Double { found == 0 ? 1 : Double(right) / Double(found) }
    var recall: Double { truePairs == 0 ? 1 : Double(right) / Double(truePairs) }
    var f1: Double { found + truePairs == 0 ? 1 : 2 * Double(right) / Double(found + truePairs) }

    /// Compares groups of records with the truth, pair by pair.
    init(_ groups: [[Int]], _ set: LinkageSet) {
        var sizes: [Int32: Int] = [:]
        for customer in set.truth { sizes[customer, default: 0] += 1 }
        truePairs = sizes.values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
        for group in groups {
            for (place, a) in group.enumerated() {
                for b in group[(place + 1)...] {
                    found += 1
                    if set.truth[a] == set.truth[b] { right += 1 }
                }
            }
        }
    }
}
