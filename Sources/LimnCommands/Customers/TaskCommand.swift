internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations

/// `limn task`: what is to be done for customers.
struct TaskCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "task", abstract: Catalogue.text("help.task"), subcommands: [TaskListCommand.self, TaskDoneCommand.self],
            defaultSubcommand: TaskListCommand.self)
    }
}

struct TaskListCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.task.list"))
    }

    @Flag(help: .text("help.task.all")) var all = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let tasks = try node.tasks(includingDone: all)
        let names = tasks.map { task in task.customer.flatMap { try? node.show($0.description, events: 0) }?["name"].first }
        let rows: [JSONValue] = zip(tasks, names).map { task, name in
            [
                "id": JSONValue(id: task.id), "customer": JSONValue(id: task.customer), "name": JSONValue(name),
                "due": JSONValue(at: task.due), "text": .string(task.text), "done": .bool(task.isDone),
            ]
        }
        var outcome = CommandOutcome("task", data: ["event": .null, "task": .null, "tasks": .array(rows)]) { page in
            if tasks.isEmpty { return page.line(Catalogue.text("say.no-tasks")) }
            var table = TextTable(["key", "due", "customer", "text"].map {
                TextTable.Column(Catalogue.text("label.task-\($0)"), shrinks: $0 != "key")
            })
            for (task, name) in zip(tasks, names) {
                let mark = task.isDone ? "✓ " : ""
                table.add([task.id.ending, ShownText.time(task.due), name ?? "", mark + task.text])
            }
            page.table(table)
        }
        outcome.isPaged = true
        return outcome
    }
}

struct TaskDoneCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "done", abstract: Catalogue.text("help.task.done"))
    }

    @Argument(help: .text("help.task.task")) var task: String

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let outcome = try invocation.openNode().finishTask(task)
        return CommandOutcome(
            "task", data: ["event": .null, "task": JSONValue(id: outcome.id), "operation": JSONValue(id: outcome.operation)],
            talk: ShownText.talk(Catalogue.text("say.task-done"), outcome.operation))
    }
}
