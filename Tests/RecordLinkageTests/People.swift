@testable import RecordLinkage

/// Generated people; nobody of them exists.
enum People {
    static let givens = ["anna", "bertram", "carla", "dietmar", "esther", "florian", "gudrun", "hannes", "ilse", "jakob", "katrin", "lorenz"]
    static let families = ["ackermann", "bachmeier", "cordes", "drescher", "eberlein", "fiedler", "gruber", "hartwig", "imhof", "jahnke", "kessler"]

    static func record(_ key: String, _ number: Int, home: Int? = nil) -> LinkageRecord {
        let mixed = Int(StableHash.mix(UInt64(number)) % 1_000_003), home = home ?? number
        return LinkageRecord(
            key: key,
            values: [
                (.givenName, givens[mixed % givens.count]), (.familyName, families[mixed / 12 % families.count] + "\(mixed % 7)"),
                (.birthDate, "19\(40 + mixed % 59)-0\(1 + mixed % 9)-\(10 + mixed % 19)"),
                (.street, families[home % families.count] + " street"), (.streetNumber, "\(1 + home)"), (.postcode, "\(10_000 + home * 7)"),
                (.phone, "0\(300_000_000 + home * 7_919)"),
            ])
    }

    /// So many people, every third of them twice.
    static func table(count: Int) -> RecordTable {
        var table = RecordTable(subject: .person)
        for number in 0..<count {
            table.add(record("\(number)", number))
            if number % 3 == 0 { table.add(record("\(number)-again", number)) }
        }
        return table
    }
}

extension LinkageModel {
    /// The model with the levels of an earlier form, as that form was written.
    func inForm(_ form: Int) -> LinkageModel {
        var model = self
        model.version = form
        for (place, weights) in weights.enumerated() {
            let count = weights.comparison.levelCount(inForm: form)
            model.weights[place].m = Array(weights.m.prefix(count))
            model.weights[place].u = Array(weights.u.prefix(count))
            model.weights[place].related = Array(weights.related.prefix(count))
        }
        if form < 3 { model.sharedBoxes = nil }
        return model
    }
}
