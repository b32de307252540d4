import LimnCommands

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@main
enum Main {
    static func main() {
        exit(LimnProgram.run(Array(CommandLine.arguments.dropFirst())))
    }
}
