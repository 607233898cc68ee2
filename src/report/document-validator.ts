import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/**
 * Holds documents to one of the published schemas, which is compiled when the first one comes.
 * @returns what is wrong with a document, one line each; empty when it conforms
 */
export function documentValidator(schema: object): (document: unknown) => string[] {
  let compiled: ValidateFunction | undefined;
  return (document) => {
    const validate = (compiled ??= new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema));
    return validate(document) ? [] : faultsOf(validate);
  };
}

function faultsOf({ errors }: ValidateFunction): string[] {
  return (errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` ("${String(params['additionalProperty'])}")` : '';
    return `${instancePath === '' ? 'the document' : instancePath} ${message ?? 'is not valid'}${extra}`;
  });
}
