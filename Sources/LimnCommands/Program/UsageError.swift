internal import ProfileModel

/// A command line that cannot be understood. Exit code 64.
package enum UsageError: CodedError, Equatable {
    case unknownCommand(name: String, nearest: String?)
    case unknownOption(name: String, nearest: String?)
    case missingCommand(parent: String)
    case missingValue(option: String)
    case missingArgument(name: String)
    case valueNotTaken(option: String, value: String)
    case unexpectedArguments(String)
    case invalidValue(value: String, option: String, choices: String)
    case exclusive(first: String, second: String)
    /// Anything else, as the argument parser words it.
    case other(message: String)

    package var code: String {
        switch self {
        case .unknownCommand: "usage.unknown-command"
        case .unknownOption: "usage.unknown-option"
        case .missingCommand: "usage.missing-command"
        case .missingValue: "usage.missing-value"
        case .missingArgument: "usage.missing-argument"
        case .valueNotTaken: "usage.value-not-taken"
        case .unexpectedArguments: "usage.unexpected-arguments"
        case .invalidValue: "usage.invalid-value"
        case .exclusive: "usage.exclusive"
        case .other: "usage.other"
        }
    }

    package var parameters: [String: String] {
        switch self {
        case .unknownCommand(let name, let nearest), .unknownOption(let name, let nearest):
            ["name": name, "nearest": nearest ?? ""]
        case .missingCommand(let parent): ["parent": parent]
        case .missingValue(let option): ["option": option]
        case .missingArgument(let name): ["name": name]
        case .valueNotTaken(let option, let value): ["option": option, "value": value]
        case .unexpectedArguments(let values): ["values": values]
        case .invalidValue(let value, let option, let choices): ["value": value, "option": option, "choices": choices]
        case .exclusive(let first, let second): ["first": first, "second": second]
        case .other(let message): ["message": message]
        }
    }

    /// Reads what the argument parser says, in English, about arguments it refused; its errors have no public shape.
    init(parserMessage message: String) {
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        // An argument with a quote in it makes the pieces unreliable.
        guard !quoted.isEmpty, message.filter({ $0 == "'" }).count % 2 == 0 else {
            self = .other(message: message)
            return
        }
        let first = quoted[0]
        if message.hasPrefix("Unknown option '") {
            self = .unknownOption(name: first, nearest: quoted.count == 2 ? quoted[1] : nil)
        } else if message.hasPrefix("Missing value for '") {
            self = .missingValue(option: first)
        } else if message.hasPrefix("Missing expected argument '") || message.hasPrefix("Missing one of: '") {
            self = .missingArgument(name: quoted.joined(separator: ", "))
        } else if message.hasPrefix("The option '"), quoted.count == 2 {
            self = .valueNotTaken(option: first, value: quoted[1])
        } else if message.hasPrefix("Unexpected argument '") || message.contains(" unexpected arguments: '") {
            self = .unexpectedArguments(quoted.joined(separator: ", "))
        } else if message.hasPrefix("The value '"), quoted.count >= 2 {
            self = .invalidValue(value: first, option: quoted[1], choices: quoted.dropFirst(2).joined(separator: ", "))
        } else if message.hasPrefix("Value to be set with flag '"), quoted.count == 2 {
            self = .exclusive(first: quoted[1], second: first)
        } else {
            self = .other(message: message)
        }
    }
}

/// The one of `names` that a mistyped name most likely means: at most a third of its letters wrong, added, left out or
/// swapped with their neighbour (optimal string alignment distance).
///
/// - Complexity: the length of the name times the length of all names.
package func nearestName(to name: String, among names: [String]) -> String? {
    let mistyped = Array(name.lowercased().utf8)
    let measured = names.map { (name: $0, distance: alignmentDistance(mistyped, Array($0.utf8))) }
    guard let best = measured.min(by: { $0.distance < $1.distance }) else { return nil }
    if best.distance <= max(1, best.name.utf8.count / 3) { return best.name }
    return mistyped.count >= 3 ? names.first { $0.hasPrefix(name.lowercased()) } : nil
}

private func alignmentDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var rows = [Array(0...right.count)]
    for i in 0..<left.count {
        var row = [i + 1]
        for j in 0..<right.count {
            var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, rows[i - 1][j - 1] + 1) }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[left.count][right.count]
}
