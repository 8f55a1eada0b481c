#include "commands/init/init.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::init::command(), argc, argv);
}
