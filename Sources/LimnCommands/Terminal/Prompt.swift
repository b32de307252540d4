internal import Messages

/// Questions to the person at the terminal.
///
/// Where nobody can answer (`--no-input`, `--json`, or no terminal) a question is an error that names the argument which
/// would have answered it.
package struct Prompt: Sendable {
    let input: any InputSource
    /// Questions are talk: they go to standard error.
    let output: any OutputSink
    let isAllowed: Bool

    /// Asks for yes or no; an empty answer is no, unless `default` says otherwise.
    ///
    /// - Throws: `InputFailure`.
    package func confirm(_ question: String, default: Bool = false, instead argument: String) throws -> Bool {
        let choices = `default` ? "[Y/n]" : "[y/N]"
        while true {
            let answer = try answer("\(question) \(choices) ", instead: argument).lowercased()
            switch answer {
            case "": return `default`
            case "y", "yes", "是", "是的", "好": return true
            case "n", "no", "否", "不", "不是": return false
            default: try output.write(Catalogue.text("say.answer-yes-or-no") + "\n")
            }
        }
    }

    /// Asks for a text; an empty answer gives the default, and is asked again where there is none.
    ///
    /// - Throws: `InputFailure`.
    package func ask(_ question: String, default: String? = nil, instead argument: String) throws -> String {
        let shown = `default`.map { " [\($0)]" } ?? ""
        while true {
            let answer = try answer("\(question)\(shown): ", instead: argument)
            if !answer.isEmpty { return answer }
            if let `default` { return `default` }
        }
    }

    /// Asks for a text that is not shown while it is typed.
    ///
    /// - Throws: `InputFailure`.
    package func askSecret(_ question: String, instead argument: String) throws -> String {
        input.setEcho(false)
        defer {
            input.setEcho(true)
            try? output.write("\n")
        }
        return try answer("\(question): ", instead: argument)
    }

    /// Asks for one of several choices by its number, from 1; gives its index from 0, or nil for an empty answer.
    ///
    /// - Throws: `InputFailure`.
    package func pick(_ question: String, _ choices: [String], instead argument: String) throws -> Int? {
        try requireSomebody(argument)
        for (index, choice) in choices.enumerated() {
            try output.write("  \(index + 1)  \(choice.printable())\n")
        }
        while true {
            let answer = try answer("\(question) [1-\(choices.count)]: ", instead: argument)
            if answer.isEmpty { return nil }
            if let number = Int(answer), (1...max(1, choices.count)).contains(number) { return number - 1 }
            try output.write(Catalogue.text("say.answer-number", ["last": String(choices.count)]) + "\n")
        }
    }

    private func answer(_ question: String, instead argument: String) throws -> String {
        try requireSomebody(argument)
        try output.write(question.printable())
        try output.flush()
        // The end of input is not an answer.
        guard let line = try input.readLine() else { throw InputFailure.nobodyToAsk(instead: argument) }
        let spaces: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\u{3000}" }
        return String(line.drop(while: spaces).reversed().drop(while: spaces).reversed())
    }

    private func requireSomebody(_ argument: String) throws {
        guard isAllowed, input.isTerminal else { throw InputFailure.nobodyToAsk(instead: argument) }
    }
}
