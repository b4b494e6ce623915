package com.acme.payments;

/** Pays back what was paid. */
public final class Refunds {
  private Refunds() {}
}
