package com.acme;

/** [[.Title]]: [[.Description]]. */
public final class Service {
  private Service() {}
}
