internal import ArgumentParser

@main
struct Laboratory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "laboratory", abstract: "What shows that nothing is lost.", subcommands: [Simulate.self, Plant.self])
}
