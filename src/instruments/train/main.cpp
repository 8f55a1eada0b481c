#include "instruments/train/instrument.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::train::instrument().command, argc, argv);
}
