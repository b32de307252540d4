internal import Foundation

/// A program that shows long text a screen at a time.
package enum Pager {
    /// The shell command of the pager: `LIMN_PAGER`, then `PAGER`, then `less`; nil where nothing should come between,
    /// because output is not a terminal or the pager is named as empty or `cat`.
    package static func command(environment: [String: String], isTerminal: Bool) -> String? {
        guard isTerminal, environment["TERM"] != "dumb" else { return nil }
        let command = environment["LIMN_PAGER"] ?? environment["PAGER"] ?? "less"
        return command.isEmpty || command == "cat" ? nil : command
    }

    /// Runs the pager on a text and waits for its end; false where it could not be started.
    ///
    /// `less` gets `FRX` where the reader has set no options of their own: quit if one screen is enough, pass colours
    /// through, leave the text on the screen.
    package static func show(_ text: String, command: String, environment: [String: String]) -> Bool {
        var variables = environment
        if variables["LESS"] == nil { variables["LESS"] = "FRX" }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return false }
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        guard let process = start(command, variables, standardInput: ends[0]) else {
            ends.forEach { _ = close($0) }
            return false
        }
        _ = close(ends[0])
        // The reader may leave before the end of the text, which is no failure.
        let sink = DescriptorSink(descriptor: ends[1])
        _ = try? sink.write(text)
        _ = try? sink.flush()
        _ = close(ends[1])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return true
    }

    private static func start(_ command: String, _ variables: [String: String], standardInput: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(command), nil]
        var settings: [UnsafeMutablePointer<CChar>?] = []
        for (name, value) in variables { settings.append(strdup(name + "=" + value)) }
        settings.append(nil)
        defer { (arguments + settings).forEach { free($0) } }
        var process: pid_t = 0
        return posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, &settings) == 0 ? process : nil
    }
}
