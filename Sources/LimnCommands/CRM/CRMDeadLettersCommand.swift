internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileStore

extension CRMCommand {
    /// `limn crm dead-letters`: what could not be written and waits for somebody.
    struct DeadLetters: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "dead-letters", abstract: Catalogue.text("help.crm.dead-letters"),
                discussion: Catalogue.text("help.crm.dead-letters.discussion"), subcommands: [List.self, Retry.self, Discard.self],
                defaultSubcommand: List.self)
        }

        /// `limn crm dead-letters list`.
        struct List: NodeCommand {
            static var configuration: CommandConfiguration {
                CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.crm.dead-letters.list"))
            }

            @Argument(help: .text("help.crm.names"))
            var names: [String] = []

            func run(in invocation: Invocation) throws -> CommandOutcome {
                let found = try invocation.openNode().deadLetters(of: names)
                let talk = found.isEmpty ? [Catalogue.text("say.no-dead-letters")] : []
                return CommandOutcome("crm-dead-letters", data: ["letters": .array(found.map(\.data))], talk: talk) { page in
                    if found.isEmpty { return }
                    var table = TextTable([
                        .init(Catalogue.text("label.crm-number"), .right, shrinks: false), .init(Catalogue.text("label.name"), shrinks: false),
                        .init(Catalogue.text("label.crm-record"), shrinks: false), .init(Catalogue.text("label.crm-field")),
                        .init(Catalogue.text("label.crm-code")), .init(Catalogue.text("label.crm-attempts"), .right, shrinks: false),
                        .init(Catalogue.text("label.crm-message")),
                    ])
                    for entry in found {
                        let letter = entry.letter
                        table.add([
                            String(letter.number), entry.connector, letter.record.map { String($0.description.suffix(12)) } ?? letter.remoteID,
                            letter.field, letter.code, String(letter.attempts), letter.message,
                        ])
                    }
                    page.table(table)
                }
            }
        }

        /// `limn crm dead-letters retry`.
        struct Retry: NodeCommand {
            static var configuration: CommandConfiguration {
                CommandConfiguration(commandName: "retry", abstract: Catalogue.text("help.crm.dead-letters.retry"))
            }

            @OptionGroup var choice: Choice

            func run(in invocation: Invocation) throws -> CommandOutcome {
                let done = try invocation.openNode().retryDeadLetters(choice.checked(), of: choice.name)
                return CommandOutcome("crm-dead-letters-retry", data: ["done": JSONValue(done)], talk: [Catalogue.text("say.crm-retried", ["count": String(done)])])
            }
        }

        /// `limn crm dead-letters discard`.
        struct Discard: NodeCommand {
            static var configuration: CommandConfiguration {
                CommandConfiguration(commandName: "discard", abstract: Catalogue.text("help.crm.dead-letters.discard"))
            }

            @OptionGroup var choice: Choice

            func run(in invocation: Invocation) throws -> CommandOutcome {
                let done = try invocation.openNode().discardDeadLetters(choice.checked(), of: choice.name)
                return CommandOutcome(
                    "crm-dead-letters-discard", data: ["done": JSONValue(done)], talk: [Catalogue.text("say.crm-discarded", ["count": String(done)])])
            }
        }

        /// Which letters are meant.
        struct Choice: ParsableArguments {
            @Argument(help: .text("help.crm.dead-letters.numbers"))
            var numbers: [Int64] = []

            @Flag(help: .text("help.crm.dead-letters.all"))
            var all = false

            @Option(help: .text("help.crm.one", value: "name"))
            var name: String?

            /// - Throws: `usage.missing-argument`, `usage.exclusive` where neither numbers nor `--all` are given, or both.
            func checked() throws -> [Int64] {
                if numbers.isEmpty, !all { throw UsageError.missingArgument(name: "<numbers>") }
                if !numbers.isEmpty, all { throw UsageError.exclusive(first: "<numbers>", second: "--all") }
                return numbers
            }
        }
    }
}

extension ListedDeadLetter {
    fileprivate var data: JSONValue {
        [
            "number": .integer(letter.number), "name": .string(connector), "object": .string(letter.object),
            "record": JSONValue(letter.record?.description), "remoteId": .string(letter.remoteID), "field": .string(letter.field),
            "code": .string(letter.code), "message": .string(letter.message), "trace": JSONValue(letter.trace), "attempts": JSONValue(letter.attempts),
            "firstAt": JSONValue(at: letter.firstAt), "lastAt": JSONValue(at: letter.lastAt),
        ]
    }
}
