internal import ArgumentParser
internal import Messages

/// `limn crm`: systems outside that are kept in step, both ways.
struct CRMCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "crm", abstract: Catalogue.text("help.crm"), discussion: Catalogue.text("help.crm.discussion"),
            subcommands: [
                Add.self, List.self, Map.self, Fields.self, Sync.self, Pull.self, Push.self, Schedule.self, Hook.self, Status.self, DeadLetters.self, TakeOver.self, Remove.self,
            ])
    }
}
