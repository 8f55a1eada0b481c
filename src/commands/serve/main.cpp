#include "commands/serve/serve.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::serve::command(), argc, argv);
}
