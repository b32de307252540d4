internal import ArgumentParser
internal import Messages

/// The program's root: what `limn` without a command shows, and the list of all commands.
struct Limn: LimnRoot {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "limn",
            abstract: Catalogue.text("help.limn"),
            discussion: Catalogue.text("help.limn.discussion"),
            version: LimnProgram.version,
            subcommands: groups.flatMap(\.commands))
    }

    static var groups: [CommandSection] {
        [
            CommandSection("help.group.start", [SetupCommand.self, InitCommand.self]),
            CommandSection(
                "help.group.customers",
                [
                    ImportCommand.self,
                    AddCommand.self,
                    EditCommand.self,
                    DeleteCommand.self,
                    RestoreCommand.self,
                    EraseCommand.self,
                    TagCommand.self,
                    AffiliateCommand.self,
                    AssignCommand.self,
                    MoveCommand.self,
                    NoteCommand.self,
                    TaskCommand.self,
                    FieldsCommand.self,
                ]),
            CommandSection(
                "help.group.reading",
                [
                    FindCommand.self,
                    ExplainCommand.self,
                    ShowCommand.self,
                    BriefCommand.self,
                    ExportCommand.self,
                ]),
            CommandSection(
                "help.group.past",
                [
                    HistoryCommand.self,
                    ChangesCommand.self,
                    LogCommand.self,
                    UndoCommand.self,
                ]),
            CommandSection(
                "help.group.settle",
                [
                    ConflictsCommand.self,
                    MergeCommand.self,
                    UnmergeCommand.self,
                    DuplicatesCommand.self,
                    CleanCommand.self,
                    ReviewCommand.self,
                    QualityCommand.self,
                ]),
            CommandSection(
                "help.group.network",
                [
                    PeerCommand.self,
                    SyncCommand.self,
                    VerifyCommand.self,
                    ServeCommand.self,
                    ScopeCommand.self,
                    CRMCommand.self,
                ]),
            CommandSection(
                "help.group.upkeep",
                [
                    StatusCommand.self,
                    DoctorCommand.self,
                    BackupCommand.self,
                    IdentityCommand.self,
                ]),
            CommandSection("help.group.program", [CompletionsCommand.self, ManualCommand.self])
        ]
    }
}
