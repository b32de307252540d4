internal import ProfileModel
internal import StandardForms

/// A person's name that is one field here and two in a system: the remote name `FAMILY+GIVEN`.
///
/// What is split and put together again is the same name, so that neither side sees a change in what it wrote itself.
enum PersonNameParts {
    /// The system's fields that a remote name stands for.
    static func names(_ remote: String) -> [String] {
        guard let mark = remote.utf8.firstIndex(of: UInt8(ascii: "+")) else { return [remote.trimmingBlanks] }
        return [remote[..<mark], remote[remote.utf8.index(after: mark)...]].filter { !$0.isEmpty }.map(\.trimmingBlanks)
    }

    /// Family name first and without a blank where both are written in Chinese characters, and last elsewhere.
    static func joined(family: String, given: String) -> String {
        let (family, given) = (family.trimmingBlanks, given.trimmingBlanks)
        if family.isEmpty || given.isEmpty { return family + given }
        return isChinese(family) && isChinese(given) ? family + given : "\(given) \(family)"
    }

    /// A name that cannot be split is a family name, which most systems demand.
    static func split(_ name: String) -> (family: String, given: String) {
        let words = name.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.count > 1 { return (words.last!, words.dropLast().joined(separator: " ")) }
        guard isChinese(name), let surname = PersonName(name).surname, name.hasPrefix(surname), surname.count < name.count else { return (name, "") }
        return (surname, String(name.dropFirst(surname.count)))
    }

    /// The value that stands under one name or two in a record; nil where the record does not tell it.
    static func read(_ names: [String], _ value: (String) -> RemoteValue?) -> RemoteValue? {
        guard names.count == 2 else { return names.first.flatMap(value) }
        guard let family = value(names[0]), let given = value(names[1]) else { return nil }
        let name = joined(family: family.texts.first ?? "", given: given.texts.first ?? "")
        return name.isEmpty ? .empty : .text(name)
    }

    private static func isChinese(_ text: String) -> Bool { !text.isEmpty && text.unicodeScalars.allSatisfy { $0.isCommonIdeograph || $0.properties.isIdeographic } }
}

extension PushOperation {
    /// The values by the system's own names.
    var ownFields: [String: RemoteValue] {
        var own: [String: RemoteValue] = [:]
        for (remote, value) in fields {
            let names = PersonNameParts.names(remote)
            guard names.count == 2 else { own[remote] = value; continue }
            let (family, given) = PersonNameParts.split(value.texts.first ?? "")
            own[names[0]] = family.isEmpty ? .empty : .text(family)
            own[names[1]] = given.isEmpty ? .empty : .text(given)
        }
        return own
    }
}

extension MappedObject {
    /// The system's own names of all fields, without the bracket that says that one holds several values.
    var ownNames: [String] { properties.flatMap { PersonNameParts.names($0.remote) }.map(MappedRESTSystem.path) }
}
