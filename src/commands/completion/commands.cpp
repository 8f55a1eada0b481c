#include "commands/completion/commands.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "commands/completion/man.hpp"
#include "commands/completion/shells.hpp"
#include "commands/completion/tree.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::completion {
namespace {

namespace fs = std::filesystem;

Result<Tree> own_tree() {
  return read_tree(own_executable().parent_path());
}

Result<cli::Outcome> write_completion(const cli::Arguments& arguments, cli::Context&) {
  const std::string shell = arguments.positional(0).value_or("");
  SIGNALBOX_TRY(const Tree tree, own_tree());
  if (shell == "bash") return cli::Artifact{bash_script(tree)};
  if (shell == "zsh") return cli::Artifact{zsh_script(tree)};
  if (shell == "fish") return cli::Artifact{fish_script(tree)};
  return fail(ErrorKind::bad_input, fmt::format("no completion for the shell `{}`", printable(shell)),
              "there is one for bash, zsh and fish");
}

Result<cli::Outcome> write_all_pages(const Tree& tree, const fs::path& folder) {
  Table table{"Manual pages", {{"file", Column::Align::left}, {"bytes", Column::Align::right}}, {}};
  for (const Page& page : man_pages(tree)) {
    const fs::path file = folder / page.file;
    SIGNALBOX_CHECK(write_file_atomically(file, page.roff));
    table.rows.push_back({file.string(), std::to_string(page.roff.size())});
  }
  Report report;
  report.instrument = "man";
  report.title = "Manual pages of Signalbox";
  report.summary = fmt::format("{} pages written", table.rows.size());
  report.tables.push_back(std::move(table));
  return report;
}

Result<cli::Outcome> write_man(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(const Tree tree, own_tree());
  if (const auto folder = arguments.get("--directory")) return write_all_pages(tree, *folder);
  const std::string name = arguments.positional(0).value_or("signalbox");
  const std::string file = (name == "signalbox" ? name : "signalbox-" + name) + ".1";
  std::vector<std::string> names = {"signalbox"};
  for (const Page& page : man_pages(tree)) {
    if (page.file == file) return cli::Artifact{page.roff};
  }
  for (const cli::Command& command : tree.commands) names.push_back(command.name);
  const auto near = nearest(name, names);
  return fail(ErrorKind::not_found, fmt::format("no manual page for `{}`", printable(name)),
              near ? fmt::format("did you mean `signalbox man {}`?", *near)
                   : fmt::format("there are: {}", join(names, ", ")));
}

}  // namespace

cli::Command completion_command() {
  cli::Command command;
  command.name = "completion";
  command.summary = "Write the completion script of a shell: bash, zsh or fish";
  command.details =
      "bash:  source <(signalbox completion bash)\n"
      "zsh:   source <(signalbox completion zsh)\n"
      "fish:  signalbox completion fish | source\n"
      "Put the line into the shell's start-up file to have it always.";
  command.positionals = {{"SHELL", "bash, zsh or fish", cli::Positional::Count::one}};
  command.formats = {"script"};
  command.anywhere = true;
  command.run = write_completion;
  return command;
}

cli::Command man_command() {
  cli::Command command;
  command.name = "man";
  command.summary = "Write a command's manual page";
  command.details = "To read one: signalbox man train | man -l -";
  command.options = {{"--directory", "DIR", "write the pages of all commands to this folder", {}, false}};
  command.positionals = {
      {"NAME", "the command; without it the page of signalbox itself", cli::Positional::Count::optional}};
  command.anywhere = true;
  command.run = write_man;
  return command;
}

}  // namespace signalbox::completion
