internal import ArgumentParser
internal import Messages
internal import NodeOperations

extension CleanCommand {
    /// `limn clean schedule`: when `limn serve` cleans by itself.
    struct Schedule: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "schedule", abstract: Catalogue.text("help.clean.schedule"), discussion: Catalogue.text("help.clean.schedule.discussion"),
                subcommands: [List.self, Set.self, Remove.self], defaultSubcommand: List.self)
        }

        /// `limn clean schedule list`: each with its last run and its next.
        struct List: NodeCommand {
            static var configuration: CommandConfiguration {
                CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.clean.schedule.list"))
            }

            func run(in invocation: Invocation) throws -> CommandOutcome { try Schedule.listed(invocation.openNode()) }
        }

        /// `limn clean schedule set`: adds a schedule, or changes it.
        struct Set: NodeCommand {
            static var configuration: CommandConfiguration {
                CommandConfiguration(commandName: "set", abstract: Catalogue.text("help.clean.schedule.set"))
            }

            @Argument(help: .text("help.clean.schedule.times", value: "times")) var times: String
            @Option(help: .text("help.clean.schedule.name", value: "name")) var name = "clean"
            @Option(parsing: .upToNextOption, help: .text("help.clean.rule", value: "rule")) var rule: [String] = []
            @Option(help: .text("help.clean.preset", value: "preset")) var preset: String?

            func run(in invocation: Invocation) throws -> CommandOutcome {
                let rules = try CleanCommand.rules(rule, preset: preset), node = try invocation.openNode()
                try node.setCleaningSchedule(name, times: times, rules: rules)
                return try Schedule.listed(node)
            }
        }

        /// `limn clean schedule remove`: ends a schedule.
        struct Remove: NodeCommand {
            static var configuration: CommandConfiguration {
                CommandConfiguration(commandName: "remove", abstract: Catalogue.text("help.clean.schedule.remove"))
            }

            @Argument(help: .text("help.clean.schedule.name", value: "name")) var name: String

            func run(in invocation: Invocation) throws -> CommandOutcome {
                let node = try invocation.openNode()
                try node.removeCleaningSchedule(name)
                return try Schedule.listed(node)
            }
        }

        private static func listed(_ node: Node) throws -> CommandOutcome {
            let schedules = try node.cleaningSchedules()
            let data = schedules.map { schedule -> JSONValue in
                .object([
                    .init("name", .string(schedule.name)), .init("times", .string(schedule.times)), .init("rules", JSONValue(schedule.details)),
                ] + schedule.runs)
            }
            let talk = schedules.isEmpty ? [Catalogue.text("say.no-schedule")] : []
            return CommandOutcome("clean-schedules", data: ["schedules": .array(data)], talk: talk) { page in
                if schedules.isEmpty { return }
                var table = TextTable([
                    .init(Catalogue.text("label.name"), shrinks: false), .init(Catalogue.text("label.schedule-times"), shrinks: false),
                    .init(Catalogue.text("label.schedule-last")), .init(Catalogue.text("label.schedule-next")), .init(Catalogue.text("label.schedule-rules")),
                ])
                for schedule in schedules {
                    table.add([schedule.name, schedule.times, schedule.lastText, WorkSchedule.time(schedule.next), schedule.details.joined(separator: " ")])
                }
                page.table(table)
            }
        }
    }
}
