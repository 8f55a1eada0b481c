#include "instruments/pack/instrument.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::pack::instrument().command, argc, argv);
}
