"use strict";

// Calls made here carry the login cookie of this browser, or the key typed in under "Authorize".
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  withCredentials: true,
});
